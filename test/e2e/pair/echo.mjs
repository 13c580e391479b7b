// UDP echo with a name: node echo.mjs NAME PORT. Answers `SEQUENCE|NAME` to `SEQUENCE`, both families.
import { createSocket } from 'node:dgram';

const [name, port] = process.argv.slice(2);
const socket = createSocket({ type: 'udp6', ipv6Only: false });
socket.on('message', (message, from) => socket.send(`${message}|${name}`, from.port, from.address, () => {}));
socket.bind(Number(port), '::', () => process.stdout.write('ready\n'));
