using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Vms.Hosting;

namespace Vms.Cli.Infrastructure;

/// <summary>Ports of our private servers: chosen once, kept across restarts while they are free.</summary>
internal static class LoopbackPort
{
    public static int For(PlaneOptions options, string service)
    {
        var file = Path.Combine(options.StateDirectory, service + ".port");
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var kept) && IsFree(kept))
            return kept;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        PrivateFiles.Replace(file, Encoding.ASCII.GetBytes(port.ToString(CultureInfo.InvariantCulture)));
        return port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
