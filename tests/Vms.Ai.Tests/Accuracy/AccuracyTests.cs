using Vms.Ai.Detectors;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;
using Vms.Testing;

namespace Vms.Ai.Tests.Accuracy;

/// <summary>
/// How well the shipped detector finds people and vehicles, at the thresholds that cameras begin with. The bounds are what it reaches, less a margin: a change of model,
/// converter or scaling that makes it worse is noticed. With VMS_UPDATE_DOCS=1 what was measured is written to docs/ref/ai-accuracy.md.
/// </summary>
public sealed class AccuracyTests
{
    private const float TrackThreshold = 0.3f;
    private const float EventThreshold = 0.8f;

    /// <summary>The whole picture, and regions of it, as it is looked at where things move.</summary>
    private static readonly (string Name, Box[] Regions)[] s_views =
    [
        ("whole picture", [Box.Whole]),
        ("regions of 384 pixels", [.. from y in new[] { 0f, 1 / 3f } from x in new[] { 0f, 0.25f, 0.5f } select new Box(x, y, 0.5f, 2 / 3f)]),
    ];

    private static readonly (string Name, string Filter, bool Mirrored, int Width, int Height)[] s_conditions =
    [
        ("as recorded", "null", false, GroundTruth.Width, GroundTruth.Height),
        ("mirrored", "hflip", true, GroundTruth.Width, GroundTruth.Height),
        ("dark", "eq=brightness=-0.25:contrast=0.7", false, GroundTruth.Width, GroundTruth.Height),
        ("noisy", "noise=all_seed=7:alls=30:allf=t", false, GroundTruth.Width, GroundTruth.Height),
        ("640x360", "null", false, 640, 360),
    ];

    [Fact]
    public void The_shipped_detector_is_as_good_as_the_page_says()
    {
        using var directory = new TestDirectory();
        var entry = ShippedCatalogue.Open(directory).Find(ModelCatalogue.Default)!;
        using var model = new ObjectModel(entry.Name, ModelCatalogue.Bytes(entry), entry.Manifest!, OnnxRuntimeOptions.Cpu);
        using var run = new ObjectRun(model);
        var judgements = new Dictionary<(string Condition, string View), Judgement>();
        foreach (var (name, filter, mirrored, width, height) in s_conditions)
        {
            var pictures = TestPictures.Load(TestPictures.Footage, width, height, "not(mod(n\\,66))", GroundTruth.CarPark.Count, filter);
            foreach (var (view, regions) in s_views)
            {
                var judgement = judgements[(name, view)] = new Judgement();
                for (int i = 0; i < pictures.Count; i++)
                    judgement.Add(GroundTruth.CarPark[i], Find(run, pictures[i], regions), mirrored);
            }

            foreach (var picture in pictures)
                picture.Dispose();
        }

        string page = AccuracyPage.Write(entry, judgements, TrackThreshold, EventThreshold);
        Console.WriteLine(page);
        AssertBounds(judgements);
        if (Environment.GetEnvironmentVariable("VMS_UPDATE_DOCS") == "1")
            File.WriteAllText(Path.Combine(TestPaths.Repository, "docs", "ref", "ai-accuracy.md"), page);
    }

    private static void AssertBounds(Dictionary<(string Condition, string View), Judgement> judgements)
    {
        AssertAtLeast(judgements[("as recorded", "whole picture")], "person", TrackThreshold, precision: 0.8, recall: 0.82);
        AssertAtLeast(judgements[("as recorded", "whole picture")], "person", EventThreshold, precision: 0.95, recall: 0.65);
        AssertAtLeast(judgements[("as recorded", "whole picture")], "vehicle", TrackThreshold, precision: 0.9, recall: 0.85);
        AssertAtLeast(judgements[("as recorded", "regions of 384 pixels")], "person", TrackThreshold, precision: 0.75, recall: 0.85);
        AssertAtLeast(judgements[("as recorded", "regions of 384 pixels")], "person", EventThreshold, precision: 0.95, recall: 0.8);
        AssertAtLeast(judgements[("as recorded", "regions of 384 pixels")], "vehicle", EventThreshold, precision: 0.9, recall: 0.35);
        AssertAtLeast(judgements[("mirrored", "regions of 384 pixels")], "person", EventThreshold, precision: 0.9, recall: 0.7);
    }

    private static void AssertAtLeast(Judgement judgement, string kind, float threshold, double precision, double recall)
    {
        var reached = judgement.At(kind, threshold);
        Assert.True(reached.Precision >= precision, $"{kind} at {threshold}: precision {reached.Precision:0.00}, expected {precision}");
        Assert.True(reached.Recall >= recall, $"{kind} at {threshold}: recall {reached.Recall:0.00}, expected {recall}");
    }

    /// <summary>Looks at each region, and keeps of boxes on one another the best.</summary>
    private static List<Detection> Find(ObjectRun run, Picture picture, Box[] regions)
    {
        var all = new List<Detection>();
        foreach (var region in regions)
        {
            run.Begin(1);
            run.Put(0, picture, region);
            run.Run();
            all.AddRange(run.Read(0, 0.1f));
        }

        var kept = new List<Detection>();
        foreach (var detection in all.OrderByDescending(d => d.Score))
        {
            // The border of a region cuts objects in two: a part that lies within what is already found is no other one.
            if (!kept.Any(k => Judgement.KindOf(k.Class) == Judgement.KindOf(detection.Class)
                && (k.Box.OverlapRatio(detection.Box) > 0.45f || k.Box.Overlap(detection.Box) > 0.7f * detection.Box.Area)))
                kept.Add(detection);
        }

        return kept;
    }
}
