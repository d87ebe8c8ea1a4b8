import { JSON_OPTION, saidSettings, settingOptions, type OperatorCommand } from "./command.ts";

export const doctor: OperatorCommand = {
  name: "doctor",
  summary: "Find out what keeps the relay of this machine from working",
  details: "Looks at the disk, relay.keys, the database, its tables, locks, the port, the public address, its certificate and the clock, with the configuration that the relay is started with. Changes nothing; a database that does not run is started for as long as it takes to look. docs/ADMIN.md says what each finding means. Ends with 0 when the relay can work, with 1 when something failed.",
  options: [
    JSON_OPTION,
    ["--min-free-mib <count>", "what has to be free on the disk, initially 512"],
    ["--clock <urls>", "web servers whose clocks to compare this machine's with, separated by commas"],
    ...settingOptions("PEERBRAIN_DATA", "PEERBRAIN_HOST", "PEERBRAIN_PORT", "PEERBRAIN_PUBLIC_URL", "PEERBRAIN_TRUSTED_PROXY_HOPS"),
  ],
  examples: [
    ["peerbrain doctor", "look at everything"],
    ["peerbrain doctor --clock https://www.example.org --json", "and at the clock, for a program"],
  ],
  async run(line) {
    const { runDoctor } = await import("../doctor/run-doctor.ts");
    return runDoctor({
      said: saidSettings(line),
      minFreeMib: line.options["min-free-mib"] as string | undefined,
      clock: line.options["clock"] as string | undefined,
      isJson: line.options["json"] === true,
    });
  },
};
