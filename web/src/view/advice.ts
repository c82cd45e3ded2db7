// What to do on this page, by the cause that the component names: its messages know no control of the page.

const STATED = "“Model, stated fields and paired profile”";

/** By sub-code; a cause that is not here needs no more than its message. */
const ADVICE: Record<string, string> = {
  "model-ambiguous": `open ${STATED} below, type one of these models, and drop the run again`,
  "model-unstated": `open ${STATED} below, type the model as the server's /v1/models returns it, and drop the run again`,
  "model-unknown": `open ${STATED} below, type one of these models or none, and drop the run again`,
  "setting-unknown": `open ${STATED} below, correct that line of the fields, and drop the run again`,
  "setting-invalid": `open ${STATED} below, correct that line of the fields, and drop the run again`,
  "no-profile": `open ${STATED} below, choose the folder that holds the profile, and drop the run again`,
  "two-results":
    "drop the folders of the runs themselves, all at once if you like; the page then asks whether several current runs are trials",
  "runs-refused": "drop the folders of the runs that are to count, all at once if you like",
  "trials-differ":
    "leave out the run that differs; several current runs are judged one by one unless you tick that they are trials",
  "trial-repeated": "remove one of the two",
  "trial-of-trials": "remove that document and drop the single runs that it was made of",
  "headline-unknown": "choose another place under “Headline at”",
  "vary-unknown": "untick it under “What was changed on purpose”",
  "metric-unknown": "it stands in the policy that this page was opened with; correct it there",
};

/** The next step; none where the message of the component says it all. */
export const adviceFor = (subCode: string | undefined): string | undefined =>
  subCode === undefined ? undefined : ADVICE[subCode];
