using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.CenterNet;

/// <summary>
/// CenterNet ("Objects as Points", arXiv 1904.07850): a map per class whose peaks are the middles of objects, and how far the four sides are
/// from there. Outputs: scores [N, classes, H/4, W/4] 0..1, distances [N, 4, H/4, W/4] in input pixels: left, top, right, bottom.
/// </summary>
internal sealed class CenterNetHead : IObjectHead
{
    private const int Stride = 4;
    private const int Sides = 4;

    /// <summary>Peaks of one class beside each other are rare, but two maxima on one large object are not.</summary>
    public float SuppressionOverlap => 0.45f;

    public void Check(OnnxTensors tensors, ModelInput input, int classes)
    {
        long height = input.Height / Stride, width = input.Width / Stride;
        if (tensors.OutputCount != 2
            || tensors.ShapeOf(0) is not [_, var maps, var h, var w] || maps != classes || h != height || w != width
            || tensors.ShapeOf(1) is not [_, Sides, var h2, var w2] || h2 != height || w2 != width)
        {
            throw new ModelException($"CenterNet gives [N,{classes},{height},{width}] and [N,{Sides},{height},{width}] for these labels and this input; this model does not");
        }
    }

    public void Read(OnnxTensors tensors, int picture, ModelInput input, int classes, float minScore, List<Candidate> into)
    {
        int width = input.Width / Stride, height = input.Height / Stride, cells = width * height;
        ReadOnlySpan<float> scores = tensors.Output(0).Slice(picture * classes * cells, classes * cells);
        ReadOnlySpan<float> sides = tensors.Output(1).Slice(picture * Sides * cells, Sides * cells);
        for (int label = 0; label < classes; label++)
        {
            ReadOnlySpan<float> map = scores.Slice(label * cells, cells);
            for (int cell = NextAbove(map, 0, minScore); cell >= 0; cell = NextAbove(map, cell + 1, minScore))
            {
                int x = cell % width, y = cell / width;
                if (!IsPeak(map, x, y, width, height))
                    continue;
                float left = (x * Stride) - sides[cell], top = (y * Stride) - sides[cells + cell];
                float right = (x * Stride) + sides[(2 * cells) + cell], bottom = (y * Stride) + sides[(3 * cells) + cell];
                into.Add(new Candidate(label, map[cell], Box.FromCorners(left / input.Width, top / input.Height, right / input.Width, bottom / input.Height)));
            }
        }
    }

    /// <summary>Most of 80 maps of 16384 cells are far below: they are gone through in vectors.</summary>
    private static int NextAbove(ReadOnlySpan<float> map, int from, float least)
    {
        int found = map[from..].IndexOfAnyInRange(least, float.MaxValue);
        return found < 0 ? -1 : from + found;
    }

    private static bool IsPeak(ReadOnlySpan<float> map, int x, int y, int width, int height)
    {
        float score = map[(y * width) + x];
        for (int row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
        {
            for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
            {
                if (map[(row * width) + column] > score)
                    return false;
            }
        }

        return true;
    }
}
