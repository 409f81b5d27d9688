using System.Net;
using System.Net.Sockets;

namespace Vms.Testing;

/// <summary>Finds ports nobody uses at this moment. Prefer listening on port 0 where the server can.</summary>
/// <remarks>They are below the range that systems give to outgoing connections and to port 0 (32768 on Linux, 49152 on Windows): a port from
/// there may be somebody else's a moment later, and a server that is killed and started again would not get it back. Each is given out
/// once in a process, and is free for TCP and UDP: WebRTC takes both.</remarks>
public static class FreePort
{
    private const int First = 12_000;
    private const int End = 32_000;

    private static readonly Lock s_gate = new();
    private static readonly HashSet<int> s_given = [];

    public static int Tcp() => Next();

    public static int Udp() => Next();

    private static int Next()
    {
        lock (s_gate)
        {
            while (true)
            {
                int port = Random.Shared.Next(First, End);
                if (IsFree(port, SocketType.Stream, ProtocolType.Tcp) && IsFree(port, SocketType.Dgram, ProtocolType.Udp) && s_given.Add(port))
                    return port;
            }
        }
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
