using System.Globalization;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.AtRest;

public sealed class MatroskaFragmentTests : IDisposable
{
    private static readonly SegmentLabel s_label = new(
        "Gate – north", "cam1", "main", "site1", Guid.Parse("01a22ba9-b16a-704a-9717-97977b73d507"), new(2026, 11, 30, 9, 30, 0, 123, TimeSpan.Zero), "vms 0.1.0", "motion");

    private readonly ECDsa _signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _signing.Dispose();

    public static TheoryData<string> Footages => ["plain", "bFrames"];

    [Theory]
    [MemberData(nameof(Footages))]
    public void What_was_written_as_Matroska_comes_back_byte_for_byte_and_its_headers_never_moved(string footage)
    {
        var (init, entries, canonical, stored) = Record(FootageOf(footage));
        Assert.Equal(canonical.Length, stored.Length);
        Assert.Equal(0, init % FreeBox.BlockBytes);
        var scan = Fmp4FragmentScanner.Scan(new MemoryStream(stored), init);
        Assert.Equal(entries, scan.Fragments);
        Assert.Equal(stored.Length, scan.GoodEnd);

        byte[] restored = stored.ToArray();
        MatroskaHead.Restore(restored);
        foreach (var entry in entries)
            Assert.Equal(Restored.Canonical, FragmentRestoration.Restore(restored.AsSpan((int)entry.Offset, entry.Length), keyOf: null));
        Assert.Equal(canonical, restored);
        Assert.True(Fmp4InitReader.TryRead(restored, out var tracks, out int initBytes));
        Assert.Equal((FootageOf(footage).Track, init), (tracks[0], initBytes));
    }

    [Theory]
    [MemberData(nameof(Footages))]
    public void Players_find_every_picture_at_its_time_and_the_labels(string footage)
    {
        var (_, _, canonical, stored) = Record(FootageOf(footage));
        string mkv = Path.Combine(Path.GetTempPath(), $"vms-{Guid.NewGuid():N}.mkv");
        string mp4 = Path.ChangeExtension(mkv, ".mp4");
        try
        {
            File.WriteAllBytes(mkv, stored);
            File.WriteAllBytes(mp4, canonical);
            Assert.Equal("", Tool.Run("ffmpeg", $"-v warning -xerror -i {mkv} -f null -"));
            Assert.Equal(Times(mp4), Times(mkv), (a, b) => Math.Abs(a - b) < 0.0011);
            Assert.Equal(Tool.Run("ffmpeg", $"-v error -i {mp4} -map 0:v -f framemd5 -c copy -").Split('\n').Where(l => l.StartsWith('0')).Select(l => l.Split(',')[^1]),
                Tool.Run("ffmpeg", $"-v error -i {mkv} -map 0:v -f framemd5 -c copy -").Split('\n').Where(l => l.StartsWith('0')).Select(l => l.Split(',')[^1]));
            string tags = Tool.Run("ffprobe", $"-v error -show_entries format=format_name:format_tags -of default=nw=1 {mkv}");
            foreach (string said in (string[])["matroska", "title=Gate – north", "CAMERA_ID=cam1", "STREAM=main", "SITE_ID=site1", "CLASS=motion",
                $"SEGMENT_ID={s_label.SegmentId}", "2026-11-30T09:30:00.123", "vms 0.1.0"])
            {
                Assert.Contains(said, tags, StringComparison.OrdinalIgnoreCase);
            }
        }
        finally
        {
            File.Delete(mkv);
            File.Delete(mp4);
        }
    }

    [Fact]
    public void A_pause_longer_than_a_block_can_say_begins_another_cluster()
    {
        var footage = TestFootage.Plain;
        var builder = Builder();
        var init = MatroskaHead.Make([footage.Track], s_label);
        builder.BeginSegment([footage.Track], 1, epoch: 7, init);
        for (int i = 0; i < 3; i++)
        {
            var header = footage.Samples[i].Header;
            Assert.True(builder.AddSample(header with { Pts = header.Pts + (i * 60L * 90_000), CaptureTimeUs = header.CaptureTimeUs + (i * 60_000_000L) }, i + 1, footage.Samples[i].Payload.Span));
        }

        byte[] canonical = builder.Finish(out _).ToArray();
        byte[] stored = canonical.ToArray();
        Assert.True(MatroskaFragment.TryWrite(stored, [footage.Track]));
        string mkv = Path.Combine(Path.GetTempPath(), $"vms-{Guid.NewGuid():N}.mkv");
        try
        {
            File.WriteAllBytes(mkv, [.. init, .. stored]);
            Assert.Equal([0, 60.04, 120.08], Times(mkv), (a, b) => Math.Abs(a - b) < 0.0011);
        }
        finally
        {
            File.Delete(mkv);
        }

        Assert.Equal(Restored.Canonical, FragmentRestoration.Restore(stored, keyOf: null));
        Assert.Equal(canonical, stored);
    }

    /// <summary>Also of what is hashed nowhere: the head's labels, a block's time, padding; and by whoever makes the checksums fit.</summary>
    [Fact]
    public void Every_flipped_bit_is_found_when_the_file_is_verified()
    {
        using var keys = IntegrityKeys.FromPem(_signing.ExportSubjectPublicKeyInfoPem());
        var (init, entries, _, stored) = Record(TestFootage.OtherSize);
        var untouched = new ChainVerifier(keys).Verify("a", new MemoryStream(stored));
        Assert.Empty(untouched.Findings);
        Assert.Equal((entries.Count, 0), (untouched.Fragments, untouched.UnanchoredFragments));
        var random = new Random(20261130);
        for (int i = 0; i < 400; i++)
        {
            byte[] altered = stored.ToArray();
            int at = i % 2 == 0 ? random.Next(init) : random.Next(altered.Length);
            altered[at] ^= (byte)(1 << random.Next(8));
            foreach (var entry in entries.Where(e => at >= e.Offset && at < e.EndOffset))
            {
                var fragment = altered.AsSpan((int)entry.Offset, entry.Length);
                int box = FragmentHeader.SizeOf(1);
                if (at - entry.Offset >= box) FragmentHeader.SetForm(fragment[..box], StoredForm.Matroska, Crc32C.Of(fragment[box..]));
            }

            Assert.True(new ChainVerifier(keys).Verify("a", new MemoryStream(altered)).Findings.Count > 0, $"byte {at} of {altered.Length}");
        }
    }

    [Fact]
    public void Cut_and_random_bytes_are_refused_without_an_exception()
    {
        var (init, entries, _, stored) = Record(TestFootage.OtherSize);
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            byte[] fragment = stored[(int)entries[1].Offset..(int)entries[1].EndOffset];
            for (int flips = random.Next(1, 20); flips > 0; flips--) fragment[random.Next(FragmentHeader.SizeOf(1), Math.Min(fragment.Length, 3000))] = (byte)random.Next(256);
            MatroskaFragment.TryRestore(fragment);
            byte[] head = stored[..random.Next(init)];
            for (int flips = random.Next(0, 5); flips > 0 && head.Length > 0; flips--) head[random.Next(head.Length)] = (byte)random.Next(256);
            MatroskaHead.Restore(head);
        }
    }

    private static TestFootage FootageOf(string name) => name == "plain" ? TestFootage.Plain : TestFootage.WithBFrames;

    private static double[] Times(string file) =>
    [
        .. Tool.Run("ffprobe", $"-v error -select_streams v:0 -show_entries frame=pts_time -of csv=p=0 {file}").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(t => double.Parse(t.Trim().TrimEnd(','), CultureInfo.InvariantCulture)),
    ];

    private Fmp4FragmentBuilder Builder() => new(new HeadSigner(_signing)) { Reserve = MatroskaFragment.ReservedBytes, ReservePerSample = MatroskaFragment.BlockBytes };

    private (int InitBytes, List<FragmentEntry> Entries, byte[] Canonical, byte[] Stored) Record(TestFootage footage)
    {
        var builder = Builder();
        byte[] head = MatroskaHead.Make([footage.Track], s_label);
        byte[] init = head.ToArray();
        MatroskaHead.Restore(init);
        builder.BeginSegment([footage.Track], 1, epoch: 7, init);
        var (canonical, stored) = (new MemoryStream(), new MemoryStream());
        canonical.Write(init);
        stored.Write(head);
        var entries = new List<FragmentEntry>();
        long sequence = 100;
        foreach (var sample in footage.Samples)
        {
            bool full = sample.Header.IsKeyframe || builder.Duration >= TimeSpan.FromMilliseconds(360);
            if (full && builder.CanEndBefore(sample.Header)) Append(builder.Finish(sample.Header, out var header).ToArray(), header);
            Assert.True(builder.AddSample(sample.Header, sequence++, sample.Payload.Span));
        }

        Append(builder.Finish(out var last, sign: true).ToArray(), last);
        return (head.Length, entries, canonical.ToArray(), stored.ToArray());

        void Append(byte[] fragment, in FragmentHeader header)
        {
            entries.Add(header.ToEntry(stored.Length));
            canonical.Write(fragment);
            Assert.True(MatroskaFragment.TryWrite(fragment, [footage.Track]));
            stored.Write(fragment);
        }
    }
}
