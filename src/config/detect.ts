/**
 * Which program a configuration file was written for: by what it says, not by what it is called. The first line at top level
 * that only one of the two knows decides; a file without such a line goes by its name.
 */
export type Syntax = 'haproxy' | 'keepalived';

const HAPROXY_SECTION =
  /^(global|defaults|frontend|backend|listen|peers|userlist|resolvers|mailers|program|ring|http-errors|cache|fcgi-app)([ \t#]|$)/;
const HAPROXY_LINE = /^\.(if|notice|warning|alert|diag)\b/;
const KEEPALIVED_BLOCK =
  /^(global_defs|vrrp_\w+|virtual_server\w*|static_\w+|track_file|track_group|garp_group|bfd_instance|tandem|SSL|interface_up_down_delays|linkbeat_\w+)([ \t{"!#]|$)/;
const KEEPALIVED_LINE = /^(@\S+[ \t]|\$\w+[ \t]*=|~(SEQ|LST)|include[a-z]?[ \t]|net_namespace\b|instance[ \t])/;

export function detectSyntax(name: string, text: string): Syntax {
  for (const written of text.split('\n')) {
    const line = written.trim();
    if (HAPROXY_SECTION.test(line) || HAPROXY_LINE.test(line)) return 'haproxy';
    if (KEEPALIVED_BLOCK.test(line) || KEEPALIVED_LINE.test(line)) return 'keepalived';
  }
  return /keepalived|vrrp|\.conf$/i.test(name) ? 'keepalived' : 'haproxy';
}
