namespace Vms.Ai.Detectors;

/// <param name="Text">Capital letters and digits without gaps, as the country writes them.</param>
/// <param name="Confidence">0..1.</param>
/// <param name="Box">Parts of the whole picture.</param>
internal sealed record PlateReading(string Text, float Confidence, Box Box);
