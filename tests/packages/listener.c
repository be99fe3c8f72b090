/* A program of Windows that listens on the loopback address alone, and says on which port. */

#include <winsock2.h>
#include <stdio.h>

int main(void)
{
    WSADATA about;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int length = sizeof address;
    BOOL kept = FALSE;
    int kept_length = sizeof kept;
    SOCKET socket_;

    WSAStartup(MAKEWORD(2, 2), &about);
    socket_ = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (bind(socket_, (struct sockaddr *)&address, length) || listen(socket_, 5))
        return 1;
    /* Until this process has asked something of the socket itself, Wine does not know whose it is. */
    getsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, (char *)&kept, &kept_length);
    getsockname(socket_, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;)
        closesocket(accept(socket_, NULL, NULL));
}
