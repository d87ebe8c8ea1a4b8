import { withAccount } from "../account.ts";
import { defineCommand, JSON_OPTION } from "../command.ts";

export const token = defineCommand<[], { json?: boolean }>({
  name: "token",
  summary: "Print an access token, for scripts and other GraphQL clients",
  details: "It holds for some minutes, and as long as the session. Whoever has it acts as you, but opens nothing that is sealed.",
  options: [JSON_OPTION],
  examples: [['curl -H "authorization: Bearer $(peerbrain token)" …', "as a header"]],
  async run(context, _, { json }) {
    const { terminal } = context;
    await withAccount(context, async (account, { note }) => {
      const accessToken = await account.accessToken();
      if (json) terminal.printJson({ accessToken, url: `${note.relay}/graphql` });
      else terminal.print(accessToken);
    });
  },
});
