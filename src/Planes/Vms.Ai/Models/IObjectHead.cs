using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models;

/// <summary>Reads boxes out of what one family of models gives back. Holds no state: any thread.</summary>
internal interface IObjectHead
{
    /// <summary>Boxes below this overlap are different things; 1 leaves all.</summary>
    float SuppressionOverlap { get; }

    /// <summary>Are the outputs of the shape this reads, for so many classes?</summary>
    /// <exception cref="ModelException">They are not; the message says what is expected.</exception>
    void Check(OnnxTensors tensors, ModelInput input, int classes);

    /// <summary>Adds the boxes of one picture of the batch whose score reaches <paramref name="minScore"/>.</summary>
    void Read(OnnxTensors tensors, int picture, ModelInput input, int classes, float minScore, List<Candidate> into);
}
