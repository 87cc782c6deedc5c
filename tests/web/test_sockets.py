"""What is answered is sent at once."""

from __future__ import annotations

import asyncio
import socket

from agoranomos.web.serving import bound


def test_an_answer_does_not_wait_for_what_is_acknowledged() -> None:
    async def accepted() -> int:
        said: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Taking(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                taken: socket.socket = transport.get_extra_info("socket")
                said.set_result(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        door = bound("127.0.0.1", 0)
        server = await asyncio.get_running_loop().create_server(Taking, sock=door)
        async with server:
            _, writer = await asyncio.open_connection(*door.getsockname())
            found = await asyncio.wait_for(said, 30)
            writer.close()
            await writer.wait_closed()
        return found

    assert asyncio.run(accepted()) != 0
