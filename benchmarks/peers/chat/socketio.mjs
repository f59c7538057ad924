// What one gets with socket.io: a room, over WebSocket alone.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.join("room");
  socket.on("msg", (text) => io.to("room").emit("msg", text));
});
http.listen({ host: "127.0.0.1", port: Number(process.env.PORT), backlog: 4096 });
