using System.Net;
using System.Net.Sockets;
using Vms.Native.Processes;

namespace Vms.Cli.Supervision;

/// <summary>Simulated cameras for <c>--demo</c>: the program <c>camera-sim</c> of the checkout, on loopback ports.</summary>
internal sealed record DemoCameras(string Setting, ChildSpec Child)
{
    // After what is seen in the clips that are usually at hand, in the order of their names: traffic, people at a door, a yard twice.
    private static readonly string[] s_names = ["Access road", "Entrance hall", "Courtyard", "Car park"];

    public static DemoCameras Create()
    {
        var port = FreePort();
        var (file, arguments) = Executable.Find("camera-sim");
        var child = new ChildSpec(
            "cameras", file,
            [.. arguments, "--port", $"{port}", "--cameras", $"{s_names.Length}", "--footage", "demo", "--no-frame-counter", "--stdin-lifeline"],
            new Dictionary<string, string?>(),
            new ChildLimits("cameras", CpuWeight: 100, MemoryBytes: null, Nice: 0, OomScore: 500),
            async cancellationToken => await AnswersAsync(port, cancellationToken),
            StopPatience: TimeSpan.FromSeconds(5))
        {
            // The first start encodes the footage.
            StartPatience = TimeSpan.FromMinutes(5),
        };
        return new DemoCameras(string.Join(';', s_names.Select((name, i) => $"{name}=rtsp://127.0.0.1:{port}/cam/{i + 1}")), child);
    }

    private static async Task<string?> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return null;
        }
        catch (SocketException e)
        {
            return e.Message;
        }
    }

    private static int FreePort()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
