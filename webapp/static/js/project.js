// The project page: htmx does the work, news from devices start it.
import { listen } from "./live.js";

listen(document.getElementById("live"));
