using System.Text;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>Models that somebody got from somewhere: what is looked into before the runtime has them.</summary>
internal static class ModelTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("onnx-file", File) { MaxAllocated = 1 << 20, Words = [.. "ai.onnx|ai.onnx.ml|com.microsoft|:\u0002|\u0042|r\u0004p\u0001".Split('|').Select(Encoding.UTF8.GetBytes)] },
        new FuzzTarget("model-manifest", Manifest)
        {
            Words = [.. "\"yolo\"|\"text-reader\"|null|[]|{|}|-1|1e999|\"labels\":|\"scores\":[{\"model\":0.1,\"means\":0.2}]".Split('|').Select(Encoding.UTF8.GetBytes)],
        },
    ];

    private static void File(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        string? complaint = OnnxFile.Complaint(input);
        outcome.AddSize(complaint?.Length ?? 0);
        outcome.Add(complaint is null ? 0 : complaint[^1]);
    }

    private static void Manifest(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        try
        {
            var manifest = ModelManifest.FromJson("any", input);
            if (manifest.Complaint() is not null)
                throw new InvalidDataException("It was taken, and there is something wrong with it.");
            outcome.AddSize(manifest.Labels.Count);
            outcome.Add(manifest.Width);
            _ = ScoreCurve.Of(manifest.Scores).Means(0.5f);
            ModelManifest.FromJson("any", manifest.ToJson());
        }
        catch (ModelException e)
        {
            outcome.AddSize(e.Message.Length);
            outcome.Add(-1);
        }
    }
}
