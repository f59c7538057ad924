// What one gets with `ws`: every message of anybody to everybody, without compression.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT), perMessageDeflate: false, backlog: 4096 });
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    const text = data.toString();
    for (const client of server.clients) if (client.readyState === 1) client.send(text);
  });
});
