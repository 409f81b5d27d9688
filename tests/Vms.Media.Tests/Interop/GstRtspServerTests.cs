using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Contracts.Media;
using Vms.Media.Ingest;
using Vms.Media.Pipelines;
using Vms.Media.Tests.Ingest;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Interop;

/// <summary>Against a server that nobody of ours wrote. The footage's pictures are told apart by the hash of their slices.</summary>
public sealed class GstRtspServerTests
{
    private const int Seconds = 8;

    public static TheoryData<Transport, bool> Ways => new() { { Transport.Tcp, false }, { Transport.Udp, false }, { Transport.Tcp, true }, { Transport.Udp, true } };

    [Theory, MemberData(nameof(Ways))]
    public async Task Every_picture_of_eight_seconds_comes_exactly_once_and_in_order(Transport transport, bool digest)
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        await using var server = await GstCamera.StartAsync(footage, digest ? ["--user", "admin", "--password", "se cret%"] : []);
        await using var rig = new IngestRig(new IngestOptions { RequestTimeout = TimeSpan.FromSeconds(10) });
        var pipeline = rig.Pull($"rtsp://127.0.0.1:{GstCamera.PortOf(server)}/camera", s =>
        {
            s.Transport = transport;
            s.Password = digest ? "se cret%" : "unused";
        });

        var pictures = await PicturesAsync(pipeline, Seconds * footage.Spec.FrameRate);

        var numberOf = footage.Frames.Select((frame, number) => (Hash: HashOf(frame.NalUnits), number)).ToDictionary(f => f.Hash, f => f.number);
        var numbers = pictures.Select(p => numberOf[p]).ToList();
        Assert.All(numbers.Zip(numbers.Skip(1)), pair => Assert.Equal((pair.First + 1) % footage.Frames.Count, pair.Second));
        Assert.Equal(0, pipeline.Counters.LostPackets);
        Assert.Equal(0, pipeline.Counters.MalformedPackets);
    }

    [Fact]
    public async Task A_wrong_password_is_told_from_a_wrong_path()
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        await using var closed = await GstCamera.StartAsync(footage, ["--user", "admin", "--password", "right"]);
        await using var open = await GstCamera.StartAsync(footage, []);
        await using var rig = new IngestRig();

        var refused = rig.Pull($"rtsp://127.0.0.1:{GstCamera.PortOf(closed)}/camera", s => s.Password = "wrong");
        var absent = rig.Pull($"rtsp://127.0.0.1:{GstCamera.PortOf(open)}/nothing");

        await IngestRig.UntilAsync(refused, PullStateKind.Unauthorized, PullReason.BadCredentials);
        await IngestRig.UntilAsync(absent, PullStateKind.Offline, PullReason.NoSuchPath);
    }

    private static async Task<List<string>> PicturesAsync(Pipeline pipeline, int count)
    {
        var pictures = new List<string>();
        StreamLogReader? reader = null;
        await Eventually.TrueAsync(
            () =>
            {
                reader ??= pipeline.Live.TryOpenReader();
                while (reader is not null && reader.TryRead(out var lease) == ReadOutcome.Sample)
                {
                    var slices = new List<ReadOnlyMemory<byte>>();
                    foreach (var nal in new NalUnits(lease.Payload))
                    {
                        if (H264NalHeader.TypeOf(nal[0]) is H264NalUnitType.NonIdrSlice or H264NalUnitType.IdrSlice)
                            slices.Add(nal.ToArray());
                    }

                    Assert.Equal(GapCause.None, lease.Header.Cause);
                    Assert.True(lease.Commit());
                    pictures.Add(HashOf(slices));
                }

                return pictures.Count >= count;
            },
            TimeSpan.FromSeconds(40));
        reader?.Dispose();
        return pictures;
    }

    private static string HashOf(IEnumerable<ReadOnlyMemory<byte>> slices)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var slice in slices)
            hash.AppendData(slice.Span);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
