using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.Faces;

/// <summary>
/// BlazeFace of MediaPipe (arXiv 1907.05047), the one for cameras that are far away: two grids with two and six boxes in each cell. Outputs: logits [1, 512, 1] and
/// [1, 384, 1], boxes [1, 512, 16] and [1, 384, 16] in pixels from the cell's middle: x, y, width, height, then six points of the face, which are not read.
/// </summary>
internal sealed class BlazeFaceHead : IObjectHead
{
    private const int BoxValues = 16;
    private static readonly (int Side, int BoxesPerCell)[] s_grids = [(16, 2), (8, 6)];

    public float SuppressionOverlap => 0.3f;

    public void Check(OnnxTensors tensors, ModelInput input, int classes)
    {
        bool fits = tensors.OutputCount == 2 * s_grids.Length && classes == 1;
        for (int i = 0; fits && i < s_grids.Length; i++)
        {
            long boxes = Boxes(i);
            fits = tensors.ShapeOf(i) is [1, var logits, 1] && logits == boxes
                && tensors.ShapeOf(s_grids.Length + i) is [1, var places, BoxValues] && places == boxes;
        }

        if (!fits)
            throw new ModelException("BlazeFace gives [1,512,1], [1,384,1], [1,512,16] and [1,384,16] and has one label; this model does not");
    }

    public void Read(OnnxTensors tensors, int picture, ModelInput input, int classes, float minScore, List<Candidate> into)
    {
        float leastLogit = MathF.Log(minScore / (1 - Math.Min(minScore, 0.999f)));
        for (int grid = 0; grid < s_grids.Length; grid++)
        {
            var (side, perCell) = s_grids[grid];
            ReadOnlySpan<float> logits = tensors.Output(grid), places = tensors.Output(s_grids.Length + grid);
            for (int i = 0; i < logits.Length; i++)
            {
                if (!(logits[i] >= leastLogit))
                    continue;
                int cell = i / perCell;
                ReadOnlySpan<float> place = places.Slice(i * BoxValues, BoxValues);
                float x = (((cell % side) + 0.5f) / side) + (place[0] / input.Width), y = (((cell / side) + 0.5f) / side) + (place[1] / input.Height);
                float width = place[2] / input.Width, height = place[3] / input.Height;
                into.Add(new Candidate(0, 1 / (1 + MathF.Exp(-logits[i])), new Box(x - (width / 2), y - (height / 2), width, height)));
            }
        }
    }

    private static int Boxes(int grid) => s_grids[grid].Side * s_grids[grid].Side * s_grids[grid].BoxesPerCell;
}
