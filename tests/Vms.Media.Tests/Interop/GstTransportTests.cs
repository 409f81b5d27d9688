using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Media.Ingest;
using Vms.Media.Pipelines;
using Vms.Media.Tests.Ingest;
using Vms.StreamLog;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Interop;

/// <summary>Sound, TLS and HTTP against a server that nobody of ours wrote.</summary>
public sealed class GstTransportTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly X509Certificate2 _certificate = NewCertificate();

    public static TheoryData<string, CodecKind, int, Transport, bool> Ways => new()
    {
        { "aac", CodecKind.Aac, 16_000, Transport.Tcp, false },
        { "aac", CodecKind.Aac, 16_000, Transport.Udp, false },
        { "aac", CodecKind.Aac, 16_000, Transport.Tcp, true },
        { "pcma", CodecKind.PcmA, 8_000, Transport.Udp, false },
        { "pcma", CodecKind.PcmA, 8_000, Transport.Tcp, true },
        { "opus", CodecKind.Opus, 48_000, Transport.Tcp, false },
        { "opus", CodecKind.Opus, 48_000, Transport.Udp, true },     // in TLS the packets come on the connection, whatever is asked for
        { "opus", CodecKind.Opus, 48_000, Transport.Http, false },
        { "pcma", CodecKind.PcmA, 8_000, Transport.Http, true },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task Picture_and_sound_come_without_a_hole(string audio, CodecKind codec, int rate, Transport transport, bool tls)
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        await using var server = await GstCamera.StartAsync(footage, ["--audio", audio, .. tls ? ["--tls", CertificateFile()] : Array.Empty<string>()]);
        await using var rig = new IngestRig(new IngestOptions { RequestTimeout = TimeSpan.FromSeconds(10) });
        var pipeline = rig.Pull($"{(tls ? "rtsps" : "rtsp")}://127.0.0.1:{GstCamera.PortOf(server)}/camera", s =>
        {
            s.Transport = transport;
            s.TlsCertificateSha256 = tls ? _certificate.GetCertHashString(HashAlgorithmName.SHA256) : "";
        });

        var samples = await ReadAsync(pipeline, pictures: 60);

        var track = pipeline.Live.Tracks.Single(t => t.IsAudio);
        Assert.Equal((codec, rate), (track.Codec, track.Timescale));
        var pictures = samples.Where(s => s.TrackId == 0).ToList();
        var sound = samples.Where(s => s.TrackId == track.Id).ToList();
        Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.InRange(pair.Second.Pts - pair.First.Pts, 3500, 3700));
        // A GStreamer that gets no processor for a while sends reports whose two clocks have parted: a step of the clock, but no hole.
        Assert.All(samples, s => Assert.True(s.Cause is GapCause.None or GapCause.ClockStep, $"{s.Cause}"));
        Assert.True(sound.Count > 10);
        double seconds = (sound[^1].Pts - sound[0].Pts) / (double)rate;
        Assert.InRange(seconds, 1.5, 4);
        Assert.InRange((sound[^1].CaptureTimeUs - sound[0].CaptureTimeUs) / 1e6 - seconds, -0.1, 0.1);
        Assert.Equal(0, pipeline.Counters.LostPackets);
        Assert.Equal(0, pipeline.Counters.MalformedPackets);
        Assert.Equal(0, pipeline.Counters.LostOtherSamples);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused_and_any_is_taken_without_a_pin()
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        await using var server = await GstCamera.StartAsync(footage, ["--tls", CertificateFile()]);
        await using var rig = new IngestRig();
        string url = $"rtsps://127.0.0.1:{GstCamera.PortOf(server)}/camera";

        var pinned = rig.Pull(url, s => s.TlsCertificateSha256 = new string('0', 64));
        await IngestRig.UntilAsync(pinned, PullStateKind.Offline, PullReason.BadCertificate);
        var open = rig.Pull(url);
        await IngestRig.UntilAsync(open, PullStateKind.Online);

        Assert.Contains("pinned", pinned.State.Detail, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _directory.Dispose();
    }

    private static async Task<List<SampleHeader>> ReadAsync(Pipeline pipeline, int pictures)
    {
        var samples = new List<SampleHeader>();
        StreamLogReader? reader = null;
        await Eventually.TrueAsync(
            () =>
            {
                reader ??= pipeline.Live.TryOpenReader();
                while (reader is not null && reader.TryRead(out var lease) == ReadOutcome.Sample)
                {
                    samples.Add(lease.Header);
                    Assert.True(lease.Commit());
                }

                return samples.Count(s => s.TrackId == 0) >= pictures;
            },
            TimeSpan.FromSeconds(20),
            $"{pictures} pictures; the stream is {pipeline.State}");
        reader?.Dispose();
        return samples;
    }

    /// <summary>Certificate and key in one file, as GStreamer reads them.</summary>
    private string CertificateFile()
    {
        string path = _directory["camera.pem"];
        using var key = _certificate.GetRSAPrivateKey()!;
        File.WriteAllText(path, _certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return path;
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=camera", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
