using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.FastestDet;

/// <summary>
/// FastestDet (github.com/dog-qiuqiu/FastestDet): one grid. Output [N, 5 + classes, rows, columns]: how sure it is that there is something, how far the middle is
/// from the cell (hyperbolic tangent of it, in cells), the size (sigmoid of it, in parts of the picture), how sure of each class.
/// </summary>
internal sealed class FastestDetHead : IObjectHead
{
    private const int SurenessAndBox = 5;

    // Its authors' own weights of both.
    private const float SurenessPower = 0.6f;
    private const float ClassPower = 0.4f;

    public float SuppressionOverlap => 0.45f;

    public void Check(OnnxTensors tensors, ModelInput input, int classes)
    {
        if (tensors.OutputCount != 1 || tensors.ShapeOf(0) is not [_, var values, _, _] || values != SurenessAndBox + classes)
            throw new ModelException($"FastestDet gives one output [N,{SurenessAndBox + classes},rows,columns] for these labels; this model does not");
    }

    public void Read(OnnxTensors tensors, int picture, ModelInput input, int classes, float minScore, List<Candidate> into)
    {
        int rows = (int)tensors.ShapeOf(0)[2], columns = (int)tensors.ShapeOf(0)[3], cells = rows * columns, length = (SurenessAndBox + classes) * cells;
        ReadOnlySpan<float> output = tensors.Output(0).Slice(picture * length, length);
        for (int cell = 0; cell < cells; cell++)
        {
            float sureness = MathF.Pow(output[cell], SurenessPower);
            if (!(sureness >= minScore))
                continue;
            int label = 0;
            for (int i = 1; i < classes; i++)
            {
                if (output[((SurenessAndBox + i) * cells) + cell] > output[((SurenessAndBox + label) * cells) + cell])
                    label = i;
            }

            float score = sureness * MathF.Pow(output[((SurenessAndBox + label) * cells) + cell], ClassPower);
            if (!(score >= minScore))
                continue;
            float x = ((cell % columns) + MathF.Tanh(output[cells + cell])) / columns, y = ((cell / columns) + MathF.Tanh(output[(2 * cells) + cell])) / rows;
            float width = Sigmoid(output[(3 * cells) + cell]), height = Sigmoid(output[(4 * cells) + cell]);
            into.Add(new Candidate(label, score, new Box(x - (width / 2), y - (height / 2), width, height)));
        }
    }

    private static float Sigmoid(float value) => 1 / (1 + MathF.Exp(-value));
}
