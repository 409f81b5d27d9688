using System.Buffers.Binary;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

public sealed class FragmentBuilderTests
{
    private static readonly TrackInfo s_track = TestFootage.Plain.Track;

    [Fact]
    public void Without_reordering_decode_time_is_presentation_time_and_no_offsets_are_written()
    {
        var fragment = Build([0, 3600, 7200], next: 10800);

        Assert.Equal([0, 3600, 7200], fragment.Dts);
        Assert.Equal([3600u, 3600u, 3600u], fragment.Durations);
        Assert.Null(fragment.CompositionOffsets);
    }

    [Fact]
    public void The_last_sample_lasts_until_the_next_fragment_when_that_is_known_and_as_long_as_usual_when_not()
    {
        Assert.Equal(9000u, Build([0, 3600, 7200], next: 16200).Durations[^1]);
        Assert.Equal(3600u, Build([0, 3600, 7200], next: null).Durations[^1]);
    }

    [Fact]
    public void Reordered_pictures_get_one_constant_decode_delay()
    {
        // I P B B P B B in decode order, one picture of delay.
        var fragment = Build([0, 3, 1, 2, 6, 4, 5], scale: 3600, next: null);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], fragment.Dts.Select(d => d / 3600));
        Assert.Equal([1, 3, 0, 0, 3, 0, 0], fragment.CompositionOffsets!.Select(c => c / 3600));
    }

    [Fact]
    public void A_fragment_does_not_end_inside_a_group_of_reordered_pictures()
    {
        var builder = Begin();
        Assert.False(builder.CanEndBefore(Sample(0, keyframe: true)));
        builder.AddSample(Sample(0, keyframe: true), 1, [1]);
        builder.AddSample(Sample(3 * 3600), 2, [1]);
        Assert.False(builder.CanEndBefore(Sample(1 * 3600)));
        builder.AddSample(Sample(1 * 3600), 3, [1]);
        Assert.False(builder.CanEndBefore(Sample(2 * 3600)));
        Assert.True(builder.CanEndBefore(Sample(6 * 3600)));
        Assert.True(builder.CanEndBefore(Sample(0, keyframe: true)));
    }

    [Fact]
    public void Timestamps_that_stand_still_or_turn_back_move_by_a_tick_and_are_counted()
    {
        var builder = Begin();
        builder.AddSample(Sample(100_000, keyframe: true), 1, [1]);
        builder.AddSample(Sample(100_000), 2, [1]);
        builder.AddSample(Sample(103_600), 3, [1]);
        var first = Parse(builder.Finish(out _).Span);
        builder.AddSample(Sample(100_000), 4, [1]);
        builder.AddSample(Sample(107_200), 5, [1]);
        var second = Parse(builder.Finish(out _).Span);

        long[] dts = [.. first.Dts, .. second.Dts];
        Assert.Equal(dts.Order().Distinct(), dts);
        Assert.Equal(2, builder.TimesMoved);
    }

    [Fact]
    public void One_frame_hours_ahead_takes_its_place_and_does_not_hold_the_fragment_open()
    {
        const long Hours = 5 * 3600 * 90_000L;
        var builder = Begin();
        for (int i = 0; i < 30; i++)
        {
            builder.AddSample(Sample(i == 10 ? Hours : i * 3600, keyframe: i == 0), i, [1]);
            if (i is > 10 and < 26) Assert.False(builder.CanEndBefore(Sample((i + 1) * 3600)));
        }

        Assert.True(builder.CanEndBefore(Sample(30 * 3600)));
        var fragment = Parse(builder.Finish(Sample(30 * 3600), out var header).Span);
        Assert.Equal(30 * 3600, header.DurationTicks);
        Assert.Equal(29 * 3600, fragment.Dts[^1]);
        Assert.Equal(fragment.Dts.Order().Distinct(), fragment.Dts);
        Assert.Null(fragment.CompositionOffsets);
        Assert.InRange(builder.TimesMoved, 1, 2);
    }

    [Fact]
    public void Fragments_are_numbered_and_carry_the_tables_version_the_epoch_and_their_sequences()
    {
        var builder = Begin();
        builder.AddSample(Sample(0, keyframe: true), 41, [1, 2, 3]);
        builder.AddSample(Sample(3600), 42, [4]);
        byte[] first = builder.Finish(Sample(7200), out var header).ToArray();
        builder.AddSample(Sample(7200), 43, [5]);
        builder.Finish(out var second);

        Assert.Equal(new FragmentHeader(5, 77, 41, 42, 1_000_000, 1_040_000, 0, 7200, 2, true, 1, first.Length), header);
        Assert.Equal((43, 43, 2u, 7200L, false),
            (second.FirstSequence, second.LastSequence, second.FragmentNumber, second.StartTicks, second.StartsWithKeyframe));
        Assert.True(FragmentHeader.TryRead(first, out var read));
        Assert.Equal(header, read);
        Assert.True(Fmp4FragmentScanner.IsGood(first));
        Assert.Equal([1, 2, 3, 4], Parse(first).Payload);
    }

    [Fact]
    public void A_resumed_builder_writes_the_bytes_the_first_one_would_have_written()
    {
        var samples = TestFootage.WithBFrames.Samples;
        int cut = samples.ToList().FindIndex(1, s => s.Header.IsKeyframe);
        int end = samples.ToList().FindIndex(cut + 1, s => s.Header.IsKeyframe);
        var tracks = new[] { TestFootage.WithBFrames.Track };
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment(tracks, 1, 9);
        for (int i = 0; i < cut; i++) builder.AddSample(samples[i].Header, i, samples[i].Payload.Span);
        byte[] box = builder.Finish(samples[cut].Header, out _)[..FragmentHeader.SizeOf(1)].ToArray();
        var resumed = new Fmp4FragmentBuilder();
        Assert.True(resumed.ResumeSegment(tracks, box));
        foreach (var b in new[] { builder, resumed })
        {
            for (int i = cut; i < end; i++) b.AddSample(samples[i].Header, i, samples[i].Payload.Span);
        }

        Assert.Equal(builder.Finish(out _).ToArray(), resumed.Finish(out _).ToArray());
    }

    [Fact]
    public void A_box_of_another_number_of_tracks_or_a_damaged_one_cannot_be_resumed()
    {
        var builder = Begin();
        builder.AddSample(Sample(0, keyframe: true), 1, [1]);
        byte[] box = builder.Finish(out _)[..FragmentHeader.SizeOf(1)].ToArray();
        Assert.False(builder.ResumeSegment([s_track, s_track with { Id = 1 }], box));
        box[40] ^= 1;
        Assert.False(builder.ResumeSegment([s_track], box));
    }

    [Fact]
    public void Adding_and_finishing_allocate_nothing_once_warm()
    {
        var footage = TestFootage.WithBFrames;
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment([footage.Track], 1, 1);
        Fill();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Fill();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Fill()
        {
            for (int i = 0; i < footage.Samples.Count; i++)
            {
                var sample = footage.Samples[i];
                if (sample.Header.IsKeyframe && builder.CanEndBefore(sample.Header)) builder.Finish(sample.Header, out _);
                builder.AddSample(sample.Header, i, sample.Payload.Span);
            }

            builder.Finish(out _);
        }
    }

    [Fact]
    public void More_samples_than_the_ceiling_are_refused_until_the_fragment_is_finished()
    {
        var builder = Begin();
        for (int i = 0; i < Fmp4FragmentBuilder.MaxSamples; i++) Assert.True(builder.AddSample(Sample(i * 90), i, [1]));
        Assert.False(builder.AddSample(Sample(1L << 30), 1, [1]));
        byte[] fragment = builder.Finish(out var header).ToArray();
        Assert.Equal(Fmp4FragmentBuilder.MaxSamples, header.SampleCount);
        Assert.True(Fmp4FragmentScanner.IsGood(fragment));
        Assert.True(builder.AddSample(Sample(1L << 30), 1, [1]));
    }

    private static Fmp4FragmentBuilder Begin()
    {
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment([s_track], 5, 77);
        return builder;
    }

    private static SampleHeader Sample(long pts, bool keyframe = false) =>
        new(0, keyframe ? SampleFlags.Keyframe : 0, GapCause.None, 5, pts, 1_000_000 + pts * 100 / 9);

    private static Fragment Build(long[] pts, long? next, int scale = 1)
    {
        var builder = Begin();
        for (int i = 0; i < pts.Length; i++) builder.AddSample(Sample(pts[i] * scale, keyframe: i == 0), i, [(byte)i]);
        return Parse((next is { } n ? builder.Finish(Sample(n), out _) : builder.Finish(out _)).Span);
    }

    private static Fragment Parse(ReadOnlySpan<byte> fragment)
    {
        Assert.True(BoxReader.TryFind(fragment, "mooftraftfdt"u8, out var tfdt));
        Assert.True(BoxReader.TryFind(fragment, "mooftraftrun"u8, out var trun));
        Assert.True(BoxReader.TryFind(fragment, "mdat"u8, out var mdat));
        bool offsets = (BinaryPrimitives.ReadUInt32BigEndian(trun) & 0x800) != 0;
        int count = BinaryPrimitives.ReadInt32BigEndian(trun[4..]);
        var entries = trun[12..];
        long time = BinaryPrimitives.ReadInt64BigEndian(tfdt[4..]);
        long[] dts = new long[count];
        uint[] durations = new uint[count];
        int[]? composition = offsets ? new int[count] : null;
        for (int i = 0; i < count; i++)
        {
            dts[i] = time;
            durations[i] = BinaryPrimitives.ReadUInt32BigEndian(entries);
            time += durations[i];
            if (composition is not null) composition[i] = BinaryPrimitives.ReadInt32BigEndian(entries[12..]);
            entries = entries[(offsets ? 16 : 12)..];
        }

        return new Fragment(dts, durations, composition, mdat.ToArray());
    }

    private sealed record Fragment(long[] Dts, uint[] Durations, int[]? CompositionOffsets, byte[] Payload);
}
