namespace Vms.Ai.Models;

/// <param name="Model">A score as the model gives it, 0..1.</param>
/// <param name="Means">What it means: about the share of such boxes that are right.</param>
internal sealed record ScorePoint(float Model, float Means);

/// <summary>
/// What a model's scores mean. Each family gives others: 0.5 of one is as sure as 0.8 of another, and thresholds are set once for all. Straight between its points, from 0,0 to 1,1.
/// </summary>
internal sealed class ScoreCurve
{
    internal const int MostPoints = 16;

    private readonly ScorePoint[] _points;

    private ScoreCurve(IEnumerable<ScorePoint> points) => _points = [new ScorePoint(0, 0), .. points, new ScorePoint(1, 1)];

    internal static ScoreCurve AsGiven { get; } = new([]);

    /// <param name="points">Checked by <see cref="Complaint"/>.</param>
    internal static ScoreCurve Of(IReadOnlyList<ScorePoint>? points) => points is null or [] ? AsGiven : new ScoreCurve(points);

    /// <summary>What is wrong with them; null when nothing is.</summary>
    internal static string? Complaint(IReadOnlyList<ScorePoint>? points)
    {
        if (points is null)
            return null;
        if (points.Count > MostPoints)
            return $"its scores have {points.Count} points; expected at most {MostPoints}";
        var before = new ScorePoint(0, 0);
        foreach (var point in points.Append(new ScorePoint(1, 1)))
        {
            if (point is null || !(point.Model > before.Model && point.Means > before.Means && point.Model <= 1 && point.Means <= 1))
                return "its scores do not rise from 0,0 to 1,1 from point to point";
            before = point;
        }

        return null;
    }

    /// <summary>What a score of the model means.</summary>
    internal float Means(float model) => Between(model, static p => p.Model, static p => p.Means);

    /// <summary>The model's score that means this.</summary>
    internal float ModelsFor(float meant) => Between(meant, static p => p.Means, static p => p.Model);

    private float Between(float value, Func<ScorePoint, float> from, Func<ScorePoint, float> to)
    {
        if (!(value > 0))
            return 0;
        for (int i = 1; i < _points.Length; i++)
        {
            float left = from(_points[i - 1]), right = from(_points[i]);
            if (value <= right)
                return to(_points[i - 1]) + ((value - left) / (right - left) * (to(_points[i]) - to(_points[i - 1])));
        }

        return 1;
    }
}
