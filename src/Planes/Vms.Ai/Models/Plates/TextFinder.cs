using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.Plates;

/// <param name="Box">Parts of the picture.</param>
/// <param name="Score">0..1: how sure the model is of it on average.</param>
internal readonly record struct TextPlace(Box Box, float Score);

/// <summary>
/// Finds lines of text (DBNet, arXiv 1911.08947, as PaddleOCR exports it): a map of how likely each pixel lies inside text, whose islands are widened to the lines they
/// are the cores of. One caller at a time.
/// </summary>
internal sealed class TextFinder : IDisposable
{
    /// <summary>Islands that are looked at, largest first: a plate is no speck.</summary>
    private const int MostIslands = 64;

    private const float Inside = 0.3f;
    private const float LeastScore = 0.45f;
    private const float Widening = 1.6f;
    private const int FewestPixels = 12;
    private const int LowestPixels = 3;

    private readonly ModelInput _input;
    private readonly TensorWriter _writer;
    private readonly OnnxTensors _tensors;
    private readonly bool[] _seen;
    private readonly int[] _shore;          // pixels whose neighbours are still to be looked at
    private readonly List<Island> _islands = [];
    private readonly List<TextPlace> _places = [];

    private readonly record struct Island(int Left, int Top, int Right, int Bottom, int Pixels, float Score);

    internal TextFinder(OnnxSession session, ModelManifest manifest)
    {
        // PaddleOCR takes ImageNet's mean and deviation of red, green, blue for blue, green, red.
        _input = new ModelInput(
            manifest.Width, manifest.Height, PlanesFirst: true, RedFirst: false, KeepShape: true, 0,
            (0.485f * 255, 0.456f * 255, 0.406f * 255), (1 / (0.229f * 255), 1 / (0.224f * 255), 1 / (0.225f * 255)));
        _writer = new TensorWriter(_input);
        _tensors = new OnnxTensors(session, _input.Shape(1));
        if (_tensors.OutputCount != 1 || _tensors.ShapeOf(0) is not [1, 1, var height, var width] || height != manifest.Height || width != manifest.Width)
            throw new ModelException($"{session.Name}: a text finder gives one map [1,1,{manifest.Height},{manifest.Width}]; this model does not");
        _seen = new bool[_input.Width * _input.Height];
        _shore = new int[_seen.Length];
    }

    /// <returns>Valid until the next call; surest first.</returns>
    internal IReadOnlyList<TextPlace> Find(Picture picture, in Box region)
    {
        Box square = _writer.Write(picture, region, _tensors.Input);
        _tensors.Run();
        FindIslands(_tensors.Output(0));
        _places.Clear();
        foreach (var island in _islands)
        {
            int width = island.Right - island.Left + 1, height = island.Bottom - island.Top + 1;
            float margin = width * height * Widening / (2f * (width + height));
            var box = Box.FromCorners(
                (island.Left - margin) / _input.Width, (island.Top - margin) / _input.Height,
                (island.Right + 1 + margin) / _input.Width, (island.Bottom + 1 + margin) / _input.Height);
            _places.Add(new TextPlace(square.Place(box).Clipped(), island.Score));
        }

        _places.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        return _places;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _tensors.Dispose();
    }

    private void FindIslands(ReadOnlySpan<float> map)
    {
        _islands.Clear();
        Array.Clear(_seen);
        for (int i = 0; i < map.Length; i++)
        {
            if (_seen[i] || !(map[i] > Inside))
                continue;
            var island = Follow(map, i);
            if (island.Pixels >= FewestPixels && island.Bottom - island.Top + 1 >= LowestPixels && island.Score >= LeastScore)
                _islands.Add(island);
        }

        _islands.Sort(static (a, b) => b.Pixels.CompareTo(a.Pixels));
        if (_islands.Count > MostIslands)
            _islands.RemoveRange(MostIslands, _islands.Count - MostIslands);
    }

    private Island Follow(ReadOnlySpan<float> map, int start)
    {
        int width = _input.Width, left = width, top = _input.Height, right = 0, bottom = 0, pixels = 0, waiting = 0;
        float sum = 0;
        _shore[waiting++] = start;
        _seen[start] = true;
        while (waiting > 0)
        {
            int at = _shore[--waiting], x = at % width, y = at / width;
            (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            pixels++;
            sum += map[at];
            if (x > 0)
                Visit(map, at - 1, ref waiting);
            if (x < width - 1)
                Visit(map, at + 1, ref waiting);
            if (y > 0)
                Visit(map, at - width, ref waiting);
            if (y < _input.Height - 1)
                Visit(map, at + width, ref waiting);
        }

        return new Island(left, top, right, bottom, pixels, sum / pixels);
    }

    private void Visit(ReadOnlySpan<float> map, int at, ref int waiting)
    {
        if (_seen[at] || !(map[at] > Inside))
            return;
        _seen[at] = true;
        _shore[waiting++] = at;
    }
}
