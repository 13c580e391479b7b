/** What the stats page loads: a style and a few lines of script, inside of the page, allowed by their digests alone. */
import { createHash } from 'node:crypto';

/** The colours are those that people know. */
export const STYLE = `
body{font:12px arial,helvetica,sans-serif;color:#000;background:#fff;margin:8px}
h1{font-size:x-large;margin:0 0 .5em}
h2{font-size:x-large;font-style:italic;color:#6020a0;margin:0}
h3{font-size:16px;color:#b00040;background:#e8e8d0;margin:.25em 0 0;border-top:1px solid #000}
.top{display:flex;flex-wrap:wrap;gap:2em;margin-bottom:1em}.top ul{margin:.25em 0;padding-left:1.5em}
table{border-collapse:collapse}th,td{font-size:10px}
.lgd{border:1px solid #000}.lgd td{padding:2px 4px}.lgd td:nth-child(odd){width:2em;border:1px solid gray}
.tbl{width:100%;margin:0 0 .25em}.tbl th,.tbl td{border:1px solid gray;padding:2px 3px}.tbl td{text-align:right;white-space:nowrap}
.tbl .ac{text-align:center}.titre th{background:#20d0d0;text-align:center}
.name{display:flex;align-items:baseline;gap:1em}.name h4{background:#b00040;margin:1em 0 0;padding:2px 8px;font-size:12px}
.name a{color:#ffff40;text-decoration:none}
tr a{color:#000;text-decoration:none}tr:target td{outline:2px solid #b00040}
.frontend,.backend{background:#e8e8d0}.socket{background:#d0d0d0}
.active_down,.backup_down{background:#ff9090}.active_going_up{background:#ffd020}.active_going_down{background:#ffffa0}
.active_up{background:#c0ffc0}.active_nolb,.active_draining{background:#20a0ff}
.active_no_check,.backup_no_check{background:#e0e0e0}.backup_going_up{background:#ff80ff}.backup_going_down{background:#c060ff}
.backup_up{background:#b0d0ff}.backup_nolb{background:#90b0e0}.backup_draining{background:#cc9900}.maintain{background:#c07820}
.g{margin-right:.2em}
.t{position:relative;border-bottom:1px dotted #000;cursor:default}
.t>.tips{display:none;position:absolute;z-index:1;right:0;top:100%;padding:4px;background:#f0f060;border:1px solid #7040c0;box-shadow:2px 2px 3px #606060;text-align:left}
.ac .t>.tips{right:auto;left:0}.t:hover>.tips,.t:focus>.tips{display:block}
.tips th{font-weight:400;text-align:left;border:0}.tips td{border:0;text-align:right}
.say{padding:4px;margin:.5em 0}
@media (prefers-color-scheme:dark){
body{color:#e8e6e3;background:#131516}h2{color:#a972ca}h3{color:#ff5190;background:#2e2e1e}a{color:#8ab4f8}tr a{color:#e8e6e3}
.titre th{background:#19a6a6;color:#000}.frontend,.backend{background:#2f3437}.socket{background:#2a2d2f}
.active_down,.backup_down{background:#760000}.active_going_up{background:#6f5800}.active_going_down{background:#565600}
.active_up{background:#165900}.active_nolb,.active_draining{background:#004e87}.active_no_check,.backup_no_check{background:#2a2d2f}
.backup_going_up{background:#7f007f}.backup_going_down{background:#580092}.backup_up{background:#1c3a66}
.backup_nolb{background:#1e3c6a}.backup_draining{background:#705000}.maintain{background:#7a4812}
.t{border-color:#e8e6e3}.t>.tips{background:#4a4a0d;border-color:#7040c0}}
`;

/** The box above a column of boxes. */
export const SCRIPT = `
document.addEventListener('change',function(e){var all=e.target;if(!all.hasAttribute('data-all'))return;
all.form.querySelectorAll('input[name=s]').forEach(function(box){box.checked=all.checked})});
`;

export const POLICY =
  `default-src 'none'; style-src ${digest(STYLE)}; script-src ${digest(SCRIPT)}; img-src data:; ` +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

function digest(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
