using System.Globalization;
using Vms.Testing.FakeCamera;

namespace Vms.CameraSim;

/// <summary>One line of JSON a second: what was sent and what it cost.</summary>
internal static class SimStats
{
    /// <param name="file">Appended to; null: only waits for the end.</param>
    public static async Task RunAsync(FakeCameraServer server, string? file, CancellationToken cancellationToken)
    {
        await using var writer = file is null ? StreamWriter.Null : new StreamWriter(file, append: true) { AutoFlush = true };
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await second.WaitForNextTickAsync(cancellationToken))
        {
            await writer.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"viewers":{{server.Viewers}},"frames":{{server.FramesSent}},"bytes":{{server.BytesSent}},"dropped":{{server.FramesDropped}},"udpErrors":{{server.UdpErrors}},"cpuSeconds":{{Environment.CpuUsage.TotalTime.TotalSeconds:F3}},"allocatedBytes":{{GC.GetTotalAllocatedBytes()}}}"""));
        }
    }
}
