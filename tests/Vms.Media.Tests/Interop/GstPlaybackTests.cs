using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Media.Ingest.Replay;
using Vms.Media.Tests.Ingest;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Interop;

/// <summary>Recordings behind addresses that carry the range, played by GStreamer's RTSP server: Dahua's form, in real time, in TLS and in the clear.</summary>
public sealed class GstPlaybackTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 10, 22, 10, 0, 0, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();
    private readonly X509Certificate2 _certificate = NewCertificate();

    [Theory, InlineData(false), InlineData(true)]
    public async Task Every_picture_and_the_sound_of_a_stretch_come_once_with_their_times(bool tls)
    {
        var footage = await H264Footage.LoadAsync(FootageSpec.Small);
        int rate = footage.Spec.FrameRate;
        await using var server = await StartAsync(footage, tls);
        var request = RequestOf(server, tls);
        request.TlsCertificateSha256 = tls ? _certificate.GetCertHashString(HashAlgorithmName.SHA256) : "";

        var all = await FetchAsync(request);

        var numberOf = footage.Frames.Select((frame, number) => (Hash: GstReplayTests.HashOf(frame.NalUnits.Select(n => n.ToArray())), number)).ToDictionary(f => f.Hash, f => f.number);
        var pictures = all.Where(f => f.Sample is { TrackId: 0 }).Select(f => f.Sample).ToList();
        Assert.InRange(pictures.Count, 3 * rate, 5 * rate);
        for (int i = 0; i < pictures.Count; i++)
        {
            Assert.Equal(((60 * rate) + i) % footage.Frames.Count, numberOf[GstReplayTests.HashOf(GstReplayTests.SlicesOf(pictures[i].Payload.ToByteArray()))]);
            Assert.InRange(pictures[i].CaptureUnixUs - (request.FromUnixUs + (i * 1_000_000L / rate)), -1000, 1000);
        }

        Assert.Equal([pictures[0]], pictures.Where(s => s.Discontinuity));
        Assert.Equal((CodecKind.PcmA, 8000), all.Where(f => f.Track is { Id: 1 }).Select(f => ((CodecKind)f.Track.Codec, f.Track.Timescale)).Single());
        var sound = all.Where(f => f.Sample is { TrackId: 1 }).Select(f => f.Sample).ToList();
        Assert.InRange(sound.Sum(s => s.Payload.Length) / 8000d, 2.5, 5);
        Assert.InRange(sound[0].CaptureUnixUs - request.FromUnixUs, 0, 500_000);
        Assert.Single(sound, s => s.Discontinuity);
    }

    [Fact]
    public async Task Another_certificate_than_the_pinned_one_is_refused()
    {
        await using var server = await StartAsync(await H264Footage.LoadAsync(FootageSpec.Small), tls: true);
        var request = RequestOf(server, tls: true);
        request.TlsCertificateSha256 = new string('0', 64);
        var refused = await Assert.ThrowsAsync<FootageFetchException>(() => FetchAsync(request));
        Assert.Equal(FootageFetchException.BadCertificate, refused.Code);
        Assert.Contains("pinned", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _directory.Dispose();
    }

    private static FetchFootageRequest RequestOf(ChildProcess server, bool tls) => new()
    {
        CameraId = "c1",
        Url = $"{(tls ? "rtsps" : "rtsp")}://127.0.0.1:{GstCamera.PortOf(server)}/cam/playback?channel=1&starttime={{from}}&endtime={{to}}",
        UrlTimes = "underscores",
        FromUnixUs = UnixUs(Start.AddSeconds(60)),
        ToUnixUs = UnixUs(Start.AddSeconds(63)),
    };

    private static async Task<List<Footage>> FetchAsync(FetchFootageRequest request)
    {
        var all = new List<Footage>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var footage in new FootageFetch(request, IngestRig.Fast with { RequestTimeout = TimeSpan.FromSeconds(10) }, TimeProvider.System).RunAsync(deadline.Token))
            all.Add(footage);
        return all;
    }

    private async Task<ChildProcess> StartAsync(H264Footage footage, bool tls)
    {
        string script = Path.Combine(TestPaths.Repository, "tests", "Vms.Media.Tests", "Interop", "gst_playback.py");
        string start = Start.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string fps = footage.Spec.FrameRate.ToString(CultureInfo.InvariantCulture);
        var server = await ChildProcess.StartAsync(
            "/usr/bin/python3", [script, footage.Path, "--fps", fps, "--start", start, .. tls ? ["--tls", CertificateFile()] : Array.Empty<string>()]);
        await server.WaitForOutputAsync(output => output.Contains("listening", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        return server;
    }

    /// <summary>Certificate and key in one file, as GStreamer reads them.</summary>
    private string CertificateFile()
    {
        string path = _directory["recorder.pem"];
        using var key = _certificate.GetRSAPrivateKey()!;
        File.WriteAllText(path, _certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return path;
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=recorder", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static long UnixUs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
