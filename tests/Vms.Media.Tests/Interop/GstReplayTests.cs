using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Vms.Codecs.H264;
using Vms.Contracts.Media;
using Vms.Media.Ingest.Replay;
using Vms.Media.Tests.Ingest;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Interop;

/// <summary>Recordings played by GStreamer's ONVIF server: header extension, ranges and the end are its own. Pictures are told apart by the hash of their slices.</summary>
public sealed class GstReplayTests
{
    private static readonly DateTimeOffset Start = new(2026, 10, 22, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_picture_of_a_stretch_comes_once_in_order_and_with_its_time()
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        int rate = footage.Spec.FrameRate;
        await using var server = await StartAsync(footage);
        var request = new FetchFootageRequest
        {
            CameraId = "c1",
            Url = $"rtsp://127.0.0.1:{GstCamera.PortOf(server)}/replay",
            FromUnixUs = UnixUs(Start.AddSeconds(60)),
            ToUnixUs = UnixUs(Start.AddSeconds(75)),
        };

        var samples = new List<FootageSample>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var footagePart in new FootageFetch(request, IngestRig.Fast, TimeProvider.System).RunAsync(deadline.Token))
        {
            if (footagePart.Sample is { } sample)
                samples.Add(sample);
        }

        var numberOf = footage.Frames.Select((frame, number) => (Hash: HashOf(frame.NalUnits.Select(n => n.ToArray())), number)).ToDictionary(f => f.Hash, f => f.number);
        Assert.InRange(samples.Count, 15 * rate, 16 * rate);
        for (int i = 0; i < samples.Count; i++)
        {
            Assert.Equal(((60 * rate) + i) % footage.Frames.Count, numberOf[HashOf(SlicesOf(samples[i].Payload.ToByteArray()))]);
            Assert.InRange(samples[i].CaptureUnixUs - (request.FromUnixUs + (i * 1_000_000L / rate)), -1000, 1000);
        }

        Assert.Equal([samples[0]], samples.Where(s => s.Discontinuity));
    }

    private static async Task<ChildProcess> StartAsync(H264Footage footage)
    {
        string script = Path.Combine(TestPaths.Repository, "tests", "Vms.Media.Tests", "Interop", "gst_replay.py");
        string start = Start.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string fps = footage.Spec.FrameRate.ToString(CultureInfo.InvariantCulture);
        var server = await ChildProcess.StartAsync("/usr/bin/python3", [script, footage.Path, "--fps", fps, "--start", start]);
        await server.WaitForOutputAsync(output => output.Contains("listening", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        return server;
    }

    internal static IEnumerable<byte[]> SlicesOf(byte[] sample)
    {
        for (int at = 0; at < sample.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(sample.AsSpan(at));
            byte[] nal = sample[(at + 4)..(at + 4 + length)];
            at += 4 + length;
            if (H264Slice.TryParse(nal, out _))
                yield return nal;
        }
    }

    internal static string HashOf(IEnumerable<byte[]> slices) => Convert.ToHexString(SHA256.HashData([.. slices.SelectMany(s => s)]));

    private static long UnixUs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
