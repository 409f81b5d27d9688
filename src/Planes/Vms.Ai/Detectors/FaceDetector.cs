using Vms.Ai.Models;

namespace Vms.Ai.Detectors;

/// <summary>Finds faces, to hide them or to say that somebody looked this way. Whose they are is not asked. Any thread.</summary>
internal sealed class FaceDetector(DetectorPool detectors)
{
    /// <summary>Below it lie the backs of heads.</summary>
    private const float LeastScore = 0.6f;

    /// <summary>Faces in a part of a picture, best a person's; none also when too much is to be done.</summary>
    /// <param name="picture">Borrowed until the task is done.</param>
    /// <returns>Boxes in parts of the whole picture, class "face".</returns>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    internal async ValueTask<IReadOnlyList<Detection>> DetectAsync(Picture picture, Box region, CancellationToken cancellationToken) =>
        await detectors.DetectAsync(ShippedModels.Faces, picture, region, LeastScore, cancellationToken) ?? [];
}
