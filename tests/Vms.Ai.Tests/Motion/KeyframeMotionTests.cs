using Vms.Ai.Analysis;
using Vms.Ai.Motion;
using Vms.Codecs;
using Vms.Hosting.Motion;
using Vms.Native.Ffmpeg;
using Vms.Testing.Footage;

namespace Vms.Ai.Tests.Motion;

/// <summary>What analysis hands over is what the recorder would find in its segments, on people who walk.</summary>
public sealed class KeyframeMotionTests
{
    /// <summary>Least share of a cell for a hit when nobody says otherwise: 15 percent.</summary>
    private const int Usual = 15 * 255 / 100;

    private static readonly FootageSpec s_people = new("ai-motion-people", ["-i", TestPictures.Footage], "")
    {
        Width = 768,
        Height = 576,
        FrameRate = 10,
        Seconds = 60,
        GopLength = 20,
        ShowFrameCounter = false,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_search_finds_the_same_in_both(bool smooths)
    {
        var footage = await VideoFootage.LoadAsync(s_people);
        var handed = Handed(footage, smooths);
        var made = Made(footage);
        Assert.Equal(29, made.Count);
        Assert.Equal(made.Select(g => (g.BeforeUs, g.AfterUs)), handed.Select(g => (g.BeforeUs, g.AfterUs)));
        int hits = 0, differ = 0;
        foreach (var (theirs, ours) in made.Zip(handed))
        {
            Assert.Equal(theirs.IsWholePicture, ours.IsWholePicture);
            Assert.Equal(MotionSource.Analytics, ours.Source);
            for (int cell = 0; cell < MotionGrid.CellCount; cell++)
            {
                int a = At(theirs, cell), b = At(ours, cell);
                hits += a >= Usual ? 1 : 0;
                differ += a >= Usual != b >= Usual ? 1 : 0;
                Assert.True(Math.Abs(a - b) <= 64, $"cell {cell} from {theirs.BeforeUs}: {a} and {b}");
            }
        }

        // Keyframes that the recorder's decoder left unsmoothed differ by a pixel here and there; those that analysis left so are the same.
        Assert.True(hits > 200, $"{hits} cells changed");
        Assert.True(differ <= (smooths ? hits * 5 / 100 : 0), $"{differ} of {hits} cells differ");
    }

    [Fact]
    public async Task Of_keyframes_that_come_twice_a_second_each_is_compared_with_the_one_a_second_before()
    {
        var footage = await VideoFootage.LoadAsync(s_people with { Name = "ai-motion-often", GopLength = 5, Seconds = 6 });
        var handed = Handed(footage, smooths: true);
        Assert.Equal(10, handed.Count);
        Assert.All(handed, g => Assert.Equal(1_000_000, g.AfterUs - g.BeforeUs));
    }

    private static int At(MotionGrid grid, int cell) => grid.Cells.IsEmpty ? 0 : grid.Cells.Span[cell];

    /// <summary>As analysis does: all samples through one decoder.</summary>
    private static List<MotionGrid> Handed(VideoFootage footage, bool smooths)
    {
        var grids = new List<MotionGrid>();
        var motion = new KeyframeMotion(grids.Add);
        using var decoder = new VideoDecoder(PictureCodec.H264) { SmoothsBlocks = smooths };
        var samples = footage.ToSamples();
        for (int i = 0; i < samples.Count; i++)
        {
            int ahead = footage.Frames[i].IsKeyframe ? ParameterSets.LengthOf(footage.Track) : 0;
            Span<byte> room = decoder.Room(ahead + samples[i].Length);
            if (ahead > 0)
                ParameterSets.Write(footage.Track, room);
            samples[i].CopyTo(room[ahead..]);
            Assert.True(decoder.Decode(room.Length, TimeOf(i), DecodeSkip.None));
            if (footage.Frames[i].IsKeyframe)
                motion.Look(decoder, decoder.Tag);
        }

        return grids;
    }

    /// <summary>As the recorder does: keyframes alone, each on its own.</summary>
    private static List<MotionGrid> Made(VideoFootage footage)
    {
        var grids = new List<MotionGrid>();
        (long Us, LumaPicture Picture)? before = null;
        var samples = footage.ToSamples();
        foreach (int i in Enumerable.Range(0, samples.Count).Where(i => footage.Frames[i].IsKeyframe))
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            Assert.True(StandaloneKeyframe.TryWrite(footage.Track, samples[i], output));
            var picture = PictureDecoder.ToLuma(PictureCodec.H264, output.WrittenSpan, PictureComparison.PictureWidth);
            if (before is var (us, earlier))
                grids.Add(PictureComparison.Compare(earlier, us, picture, TimeOf(i)));
            before = (TimeOf(i), picture);
        }

        return grids;
    }

    private static long TimeOf(int frame) => 1_000_000 + (frame * 100_000L);
}
