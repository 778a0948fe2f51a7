// The project page: htmx refreshes the table on live push.
import { listen } from "./live.js";

listen(document.getElementById("live"));
