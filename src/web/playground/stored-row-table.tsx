import { type JSX, useEffect, useState } from "react";
import { useReadingsPlace } from "./readings-context.ts";
import type { Column } from "./stored-row.ts";

/** The operator's side of an entry: the row of the table Entry that the relay keeps for it. */
export function StoredRow({ author, seq }: { author: string; seq: number }): JSX.Element {
  const { findRow } = useReadingsPlace();
  const [columns, setColumns] = useState<Column[]>([]);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let isShown = true;
    findRow(author, seq).then(
      (found) => isShown && setColumns(found),
      (error: unknown) => isShown && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => void (isShown = false);
  }, [findRow, author, seq]);

  return (
    <div className="operator-side">
      <h3>The operator sees this row</h3>
      {problem !== undefined && <p className="warning">{problem}</p>}
      <table>
        <tbody>
          {columns.map(({ name, value, meaning }) => (
            <tr key={name} data-column={name}>
              <th scope="row">{name}</th>
              <td>
                <code>{value}</code>
              </td>
              <td className="meaning">{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
