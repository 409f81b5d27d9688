namespace Vms.Ai.Detectors;

/// <summary>One box in one picture.</summary>
/// <param name="Class">The model's word for it: "person", "car", …</param>
/// <param name="Score">0..1, as the model gives it: scores of two models do not compare.</param>
/// <param name="Box">Parts of the whole picture, inside it.</param>
internal readonly record struct Detection(string Class, float Score, Box Box);
