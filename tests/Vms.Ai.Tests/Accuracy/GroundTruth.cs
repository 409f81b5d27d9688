using System.Text.Json;
using Vms.Ai.Detectors;
using Vms.Testing;

namespace Vms.Ai.Tests.Accuracy;

/// <summary>An object that a person sees.</summary>
internal sealed record SeenObject(string Class, Box Box);

internal sealed record SeenPicture(int Frame, IReadOnlyList<SeenObject> Objects, IReadOnlyList<Box> Unclear);

/// <summary>What a person sees in pictures of the car park: <c>car-park.json</c>.</summary>
internal static class GroundTruth
{
    internal const int Width = 768;
    internal const int Height = 576;

    internal static IReadOnlyList<SeenPicture> CarPark { get; } = Load();

    private static SeenPicture[] Load()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.Repository, "tests", "Vms.Ai.Tests", "Accuracy", "car-park.json")));
        return
        [
            .. document.RootElement.GetProperty("frames").EnumerateArray().Select(f => new SeenPicture(
                f.GetProperty("frame").GetInt32(),
                [.. f.GetProperty("objects").EnumerateArray().Select(o => new SeenObject(o.GetProperty("class").GetString()!, BoxOf(o.GetProperty("box"))))],
                [.. f.GetProperty("unclear").EnumerateArray().Select(BoxOf)])),
        ];
    }

    private static Box BoxOf(JsonElement json)
    {
        float[] sides = [.. json.EnumerateArray().Select(s => s.GetSingle())];
        return new Box(sides[0] / Width, sides[1] / Height, sides[2] / Width, sides[3] / Height);
    }
}
