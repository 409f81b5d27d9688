using System.Globalization;
using System.Text;
using Vms.Ai.Models;

namespace Vms.Ai.Tests.Accuracy;

/// <summary>docs/ref/ai-accuracy.md.</summary>
internal static class AccuracyPage
{
    private static readonly string[] s_kinds = ["person", "vehicle"];

    internal static string Write(CatalogueEntry model, IReadOnlyDictionary<(string Condition, string View), Judgement> judgements, float track, float alarm)
    {
        var any = judgements.Values.First();
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # How well people and vehicles are found

            Written by `./dev bench ai-accuracy`; do not edit. The test `AccuracyTests` holds what is here against bounds in every run.

            **Model**: the shipped `{model.Name}`, {model.Manifest!.Width}x{model.Manifest.Height}, sha256 `{model.Manifest.Sha256[..12]}`.

            **Pictures**: {GroundTruth.CarPark.Count} of the car park in OpenCV's examples (vtest.avi of Debian's opencv-doc, PETS 2009), one in 6.6 seconds, 768x576; {any.At("person", 0).Objects} people and {any.At("vehicle", 0).Objects} times a
            parked van or car, drawn by hand (`tests/Vms.Ai.Tests/Accuracy/car-park.json`), people behind others and behind a sign among them; a person is 35 to 160 pixels high. The same pictures again mirrored, made dark and flat, made noisy, and at 640x360.

            **Right** is a box that overlaps what a person drew by half (intersection over union) and has its class; *vehicle* is car, truck or bus. **Precision**: of what is found, the share that is right. **Recall**: of what is there, the share that is found. Both in a single picture:
            an event is reported when an object was surely seen *once* on its way, so that more objects are reported than the recall at {alarm.ToString("0.0", CultureInfo.InvariantCulture)} says.

            Tracking goes on from {track.ToString("0.0", CultureInfo.InvariantCulture)}, an event takes {alarm.ToString("0.0", CultureInfo.InvariantCulture)}: what cameras begin with.

            | pictures | looked at | class | precision at {track.ToString("0.0", CultureInfo.InvariantCulture)} | recall at {track.ToString("0.0", CultureInfo.InvariantCulture)} | precision at {alarm.ToString("0.0", CultureInfo.InvariantCulture)} | recall at {alarm.ToString("0.0", CultureInfo.InvariantCulture)} |
            | --- | --- | --- | --- | --- | --- | --- |

            """);
        foreach (var ((condition, view), judgement) in judgements)
        {
            foreach (string kind in s_kinds)
                page.Append(CultureInfo.InvariantCulture, $"| {condition} | {view} | {kind} | {Cells(judgement, kind, track)} | {Cells(judgement, kind, alarm)} |\n");
        }

        page.Append("""

            Over thresholds, as recorded, regions of 384 pixels (precision / recall):

            | class | 0.2 | 0.3 | 0.4 | 0.5 | 0.6 | 0.7 | 0.8 | 0.9 |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- |

            """);
        var regions = judgements[("as recorded", "regions of 384 pixels")];
        foreach (string kind in s_kinds)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {kind} |");
            for (int tenth = 2; tenth <= 9; tenth++)
            {
                var (precision, recall, found, _) = regions.At(kind, tenth / 10f);
                page.Append(found == 0 ? " - |" : string.Create(CultureInfo.InvariantCulture, $" {precision:0.00} / {recall:0.00} |"));
            }

            page.Append('\n');
        }

        return page.Append("""

            ## What this does not say

            - **One place, by day.** Another camera, rain, infrared light or a view from above give other numbers. Look at what your cameras report before you rely on it.
            - **The scores were fitted here.** The model's own are low (hardly one above 0.7); what they mean was taken from these pictures, so that the thresholds fit: where 0.8 lies is no independent finding. Precision and recall as they go together are.
            - The vehicles stand, are 3 to 9 % of the picture wide, and are the same two in all pictures.
            - Where things move the picture is looked at in regions around them, which finds more than the whole picture at once: the second kind of row is what a camera's analysis does.

            """).ToString();
    }

    private static string Cells(Judgement judgement, string kind, float threshold)
    {
        var (precision, recall, found, _) = judgement.At(kind, threshold);
        return string.Create(CultureInfo.InvariantCulture, $"{(found == 0 ? "-" : precision.ToString("0.00", CultureInfo.InvariantCulture))} | {recall:0.00}");
    }
}
