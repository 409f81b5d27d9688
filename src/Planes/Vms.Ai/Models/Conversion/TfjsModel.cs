using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Vms.Ai.Models.Conversion;

/// <summary>A constant of a model; one of both is there.</summary>
internal sealed record TfjsWeight(int[] Shape, float[]? Floats, int[]? Integers);

/// <summary>
/// A TensorFlow.js graph model as packages ship it: <c>model.json</c> (format "graph-model") and the binary files of its weights beside it,
/// in 32-bit or 16-bit floats or quantized to 8 or 16 bits.
/// </summary>
internal sealed class TfjsModel
{
    private readonly Dictionary<string, JsonElement> _nodes;
    private readonly Dictionary<string, TfjsWeight> _weights = [];

    private TfjsModel(JsonElement root, string folder)
    {
        _nodes = root.GetProperty("modelTopology").GetProperty("node").EnumerateArray().ToDictionary(n => n.GetProperty("name").GetString()!);
        foreach (var group in root.GetProperty("weightsManifest").EnumerateArray())
            ReadGroup(group, folder);
    }

    /// <exception cref="InvalidDataException">It is no such model, or one whose weights are kept in another way.</exception>
    internal static TfjsModel Load(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return new TfjsModel(document.RootElement.Clone(), Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"{file} is no TensorFlow.js graph model ({e.Message})", e);
        }
    }

    internal TfjsNode Node(string name) =>
        _nodes.TryGetValue(name, out var node) ? new TfjsNode(name, node) : throw new InvalidDataException($"The model has no node '{name}'");

    internal TfjsWeight? Weight(string name) => _weights.GetValueOrDefault(name);

    private void ReadGroup(JsonElement group, string folder)
    {
        using var joined = new MemoryStream();
        foreach (var path in group.GetProperty("paths").EnumerateArray())
            joined.Write(File.ReadAllBytes(Path.Combine(folder, Path.GetFileName(path.GetString()!))));
        ReadOnlySpan<byte> bytes = joined.GetBuffer().AsSpan(0, (int)joined.Length);
        foreach (var weight in group.GetProperty("weights").EnumerateArray())
        {
            int[] shape = [.. weight.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32())];
            int count = shape.Aggregate(1, (product, side) => checked(product * side));
            _weights[weight.GetProperty("name").GetString()!] = Take(weight, shape, count, ref bytes);
        }
    }

    private static TfjsWeight Take(JsonElement weight, int[] shape, int count, ref ReadOnlySpan<byte> bytes)
    {
        string type = weight.GetProperty("dtype").GetString()!;
        JsonElement quantization = default;
        string? stored = weight.TryGetProperty("quantization", out quantization) ? quantization.GetProperty("dtype").GetString() : null;
        switch (type, stored)
        {
            case ("int32", null):
                return new TfjsWeight(shape, null, MemoryMarshal.Cast<byte, int>(Cut(ref bytes, count * sizeof(int))).ToArray());
            case ("float32", null):
                return new TfjsWeight(shape, MemoryMarshal.Cast<byte, float>(Cut(ref bytes, count * sizeof(float))).ToArray(), null);
            case ("float32", "float16"):
                return Floats(shape, MemoryMarshal.Cast<byte, Half>(Cut(ref bytes, count * 2)), static h => (float)h);
            case ("float32", "uint8" or "uint16"):
                float scale = quantization.GetProperty("scale").GetSingle(), min = quantization.GetProperty("min").GetSingle();
                return stored == "uint8"
                    ? Floats(shape, Cut(ref bytes, count), b => (b * scale) + min)
                    : Floats(shape, MemoryMarshal.Cast<byte, ushort>(Cut(ref bytes, count * 2)), u => (u * scale) + min);
            default:
                throw new InvalidDataException($"Weights of type {type} kept as {stored ?? type} are not read");
        }
    }

    private static TfjsWeight Floats<T>(int[] shape, ReadOnlySpan<T> values, Func<T, float> toFloat)
    {
        var floats = new float[values.Length];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = toFloat(values[i]);
        return new TfjsWeight(shape, floats, null);
    }

    private static ReadOnlySpan<byte> Cut(ref ReadOnlySpan<byte> bytes, int length)
    {
        if (length > bytes.Length)
            throw new InvalidDataException("The files of weights are shorter than the model says");
        var cut = bytes[..length];
        bytes = bytes[length..];
        return cut;
    }
}

/// <summary>An operation of the graph; attributes in TensorFlow's NodeDef form.</summary>
internal readonly struct TfjsNode(string name, JsonElement json)
{
    internal string Name => name;

    internal string Operation => json.GetProperty("op").GetString()!;

    /// <summary>Names of what goes in; what only orders operations is left out.</summary>
    internal string[] Inputs => json.TryGetProperty("input", out var inputs)
        ? [.. inputs.EnumerateArray().Select(i => i.GetString()!).Where(i => !i.StartsWith('^'))]
        : [];

    internal int[] Numbers(string attribute) =>
        [.. json.GetProperty("attr").GetProperty(attribute).GetProperty("list").GetProperty("i").EnumerateArray().Select(i => int.Parse(i.GetString()!, CultureInfo.InvariantCulture))];

    internal string Text(string attribute) => Decode(json.GetProperty("attr").GetProperty(attribute).GetProperty("s"));

    internal string[] Texts(string attribute) => json.GetProperty("attr").TryGetProperty(attribute, out var value) && value.GetProperty("list").TryGetProperty("s", out var texts)
        ? [.. texts.EnumerateArray().Select(Decode)]
        : [];

    internal bool Flag(string attribute) =>
        json.GetProperty("attr").TryGetProperty(attribute, out var value) && value.TryGetProperty("b", out var flag) && flag.GetBoolean();

    internal long[] Shape => [.. json.GetProperty("attr").GetProperty("shape").GetProperty("shape").GetProperty("dim").EnumerateArray()
        .Select(d => long.Parse(d.GetProperty("size").GetString()!, CultureInfo.InvariantCulture))];

    private static string Decode(JsonElement base64) => Encoding.ASCII.GetString(base64.GetBytesFromBase64());
}
