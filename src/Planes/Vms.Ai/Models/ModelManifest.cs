using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vms.Ai.Models;

/// <summary>What stands in <c>model.json</c> beside a model: how it is read, and where it is from.</summary>
internal sealed record ModelManifest
{
    internal const string FileName = "model.json";
    internal const int MostLabels = 1000;
    internal const int LongestLabel = 64;

    /// <summary>How pictures go in and what comes out is read: a name of <see cref="ModelAdapters"/>.</summary>
    public required string Adapter { get; init; }

    /// <summary>The input's size in pixels; where the model takes any, the size that it is given.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>Names of the classes, in the model's order; of readers, the characters.</summary>
    public IReadOnlyList<string> Labels { get; init => field = value ?? []; } = [];     // where a file says nothing, the reader sets null

    /// <summary>Of <c>model.onnx</c>, lower case: a file that changed is not run.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What its scores mean, where that is known.</summary>
    public IReadOnlyList<ScorePoint>? Scores { get; init; }

    public string? Licence { get; init; }

    public string? Source { get; init; }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelJson.Default.ModelManifest);

    /// <exception cref="ModelException">It is not readable, or says what cannot be.</exception>
    internal static ModelManifest FromJson(string name, ReadOnlySpan<byte> json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(json, ModelJson.Default.ModelManifest) ?? throw new JsonException("it is empty");
            return manifest.Complaint() is { } complaint ? throw new ModelException($"{name}: {complaint}") : manifest;
        }
        catch (JsonException e)
        {
            throw new ModelException($"{name}: its {FileName} cannot be read ({e.Message})", e);
        }
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    internal string? Complaint()
    {
        if (!ModelAdapters.Names.Contains(Adapter))
            return $"there is no adapter '{Adapter}'; expected one of {string.Join(", ", ModelAdapters.Names)}";
        if (Width is < 32 or > 2048 || Height is < 32 or > 2048)
            return $"its input of {Width}x{Height} is out of range; expected 32 to 2048 pixels";
        int most = Adapter == ModelAdapters.TextReader ? ModelAdapters.MostCharacters : MostLabels;
        if (Labels.Count > most || Labels.Any(l => l is not { Length: > 0 and <= LongestLabel }))
            return $"it has {Labels.Count} labels; expected at most {most} of 1 to {LongestLabel} characters";
        if (ModelAdapters.FindsObjects(Adapter) && Labels.Count == 0)
            return "it has no labels; expected the names of its classes";
        if (ScoreCurve.Complaint(Scores) is { } curve)
            return curve;
        return Sha256.Length == 64 && Sha256.All(char.IsAsciiHexDigitLower) ? null : "its sha256 is no hash";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NewLine = "\n")]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ModelJson : JsonSerializerContext;
