using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

/// <summary>A fragment's checksum is put together from those of its samples: it is the one that a reader finds.</summary>
public sealed class FragmentChecksumTests
{
    private static readonly TrackInfo[] s_tracks = [TestFootage.Plain.Track, TestFootage.OtherSize.Track with { Id = 1 }];

    [Fact]
    public void Whatever_is_in_a_fragment_its_checksum_is_that_of_its_content() =>
        Prop.ForAll(Fragments().ToArbitrary(), fragments =>
        {
            var builder = new Fmp4FragmentBuilder();
            builder.BeginSegment(s_tracks, 1, 1);
            long sequence = 0;
            foreach (var (samples, reserve) in fragments)
            {
                builder.Reserve = reserve;
                foreach (var sample in samples) Add(builder, sample, ++sequence);
                if (!IsGood(builder.Finish(out _).Span)) return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_thrown_away_or_only_reserved_does_not_count()
    {
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment(s_tracks, 1, 1);
        Add(builder, new Content(0, 5000, IsReserved: true), 1);
        builder.Discard();
        Add(builder, new Content(0, 700, IsReserved: false), 1);
        Assert.True(builder.TryReserve(1, 300, out var left));
        left.Fill(0xAA);
        Add(builder, new Content(1, 200, IsReserved: true), 2);
        Assert.True(IsGood(builder.Finish(out _).Span));
    }

    [Fact]
    public void What_is_damaged_on_its_way_into_the_fragment_is_found_by_its_readers()
    {
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment([s_tracks[0]], 1, 1);
        byte[] payload = PayloadOf(9, 4000);
        Assert.True(builder.TryReserve(0, payload.Length, out var room));
        payload.CopyTo(room);
        room[1234] ^= 0x10;
        builder.AddReserved(HeaderOf(0, 1), 1, payload.Length, Crc32C.Of(payload));
        byte[] fragment = builder.Finish(out _).ToArray();
        Assert.False(IsGood(fragment));
        Assert.Empty(Fmp4FragmentScanner.Scan(new MemoryStream(fragment), 0).Fragments);
    }

    private static bool IsGood(ReadOnlySpan<byte> fragment) =>
        FragmentHeader.TryRead(fragment, out _)
        && Crc32C.Of(fragment[FragmentHeader.SizeAt(fragment)..]) == FragmentHeader.ContentChecksumAt(fragment)
        && Fmp4FragmentScanner.Scan(new MemoryStream(fragment.ToArray()), 0).Fragments.Count == 1;

    private static void Add(Fmp4FragmentBuilder builder, Content sample, long sequence)
    {
        byte[] payload = PayloadOf(sequence, sample.Bytes);
        var header = HeaderOf(sample.Track, sequence);
        if (!sample.IsReserved)
        {
            Assert.True(builder.AddSample(header, sequence, payload));
            return;
        }

        Assert.True(builder.TryReserve(sample.Track, payload.Length, out var room));
        payload.CopyTo(room);
        builder.AddReserved(header, sequence, payload.Length, Crc32C.Of(payload));
    }

    private static SampleHeader HeaderOf(byte track, long sequence) =>
        new(track, sequence == 1 ? SampleFlags.Keyframe : 0, GapCause.None, 1, sequence * 3600, TestFootage.FirstCaptureUs + (sequence * 40_000));

    private static byte[] PayloadOf(long sequence, int bytes)
    {
        byte[] payload = new byte[bytes];
        new Random((int)sequence).NextBytes(payload);
        return payload;
    }

    private static Gen<(Content[] Samples, int Reserve)[]> Fragments()
    {
        var sample =
            from track in Gen.Choose(0, 1)
            from bytes in Gen.OneOf(Gen.Choose(1, 64), Gen.Choose(1, 40_000))
            from reserved in Gen.Elements(true, false)
            select new Content((byte)track, bytes, reserved);
        var fragment =
            from samples in sample.NonEmptyListOf()
            from reserve in Gen.Elements(0, 16, 5000)
            select (samples.ToArray(), reserve);
        return fragment.NonEmptyListOf().Select(f => f.ToArray());
    }

    /// <param name="IsReserved">Filled in by the caller, who knows its checksum.</param>
    private sealed record Content(byte Track, int Bytes, bool IsReserved);
}
