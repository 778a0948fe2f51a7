// Uses @iotile/iotile-cloud as the phone app does. Runs beside its own node_modules; prints what it saw as JSON.
const { createRequire } = require("module");
const here = createRequire(process.argv[2] + "/");
const { IOTileCloud, ApiFilter } = here("@iotile/iotile-cloud");

function filter(values) {
  const made = new ApiFilter();
  for (const [name, value] of Object.entries(values)) made.addFilter(name, value);
  return made;
}

async function main(given) {
  const server = { shortName: "OURS", longName: "Ours", url: given.address + "/api/v1", default: true };
  const cloud = new IOTileCloud({ ENV: { HTTP_TIMEOUT: 20000, SERVER_URLS: [server] } });
  await cloud.initialized;
  const user = await cloud.login(given.email, given.password);
  cloud.setToken("JWT " + user.token);
  const seen = { user: user.username };
  const refreshed = await cloud.refreshToken(user.token);
  seen.refreshed = typeof refreshed === "string" && refreshed.length > 20;
  cloud.setToken("JWT " + refreshed);
  const orgs = await cloud.fetchOrgs();
  seen.orgs = orgs.map((each) => each.slug);
  seen.role = (await cloud.fetchOrgMembership(orgs[0])).role;
  seen.projects = (await cloud.fetchProjects(filter({ page_size: 500 }))).map((each) => each.slug);
  seen.devices = (await cloud.fetchAllDevices(filter({ page_size: 2 }))).map((each) => each.slug).sort();
  seen.project_devices = (await cloud.fetchProjectDevices(given.project)).length;
  seen.device = (await cloud.fetchDevice(given.device)).slug;
  const streams = await cloud.fetchProjectStreams(given.project, filter({ page_size: 2000 }));
  seen.streams = streams.length;
  seen.stream = (await cloud.fetchStream(given.stream)).slug;
  seen.variables = (await cloud.fetchProjectVariables(given.project)).length;
  seen.vartypes = (await cloud.fetchAllVarTypes()).length > 10;
  seen.graphs = (await cloud.fetchSensorGraphs()).length > 0;
  seen.templates = (await cloud.fetchAllProjectTemplates()).length > 0;
  seen.properties = (await cloud.fetchProperties(given.device)).length;
  await cloud.postNote(given.device, new Date("2021-03-01T11:23:15.123Z"), "from a phone");
  seen.notes = (await cloud.fetchNotes(given.device)).map((each) => each.note);
  await cloud.postStreamData(given.stream, "Num", 7);
  seen.data = (await cloud.fetchStreamData(given.stream, filter({ lastn: 5 }))).map((each) => each.rawValue);
  seen.acknowledgements = await cloud.fetchAcknowledgements(given.device);
  seen.foreign = await cloud.fetchDevice(given.foreign).then(
    () => "there",
    (error) => error.status || String(error)
  );
  await cloud.logout();
  seen.logged_out = true;
  return seen;
}

main(JSON.parse(process.argv[3])).then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => {
    console.error(error);
    process.exit(1);
  }
);
