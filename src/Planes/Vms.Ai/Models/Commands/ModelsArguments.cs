using System.Globalization;
using Vms.Ai.Detectors;
using Vms.Hosting;

namespace Vms.Ai.Models.Commands;

/// <summary>The words and options of <c>vms models</c>.</summary>
internal sealed record ModelsArguments(
    string[] Words, ModelCatalogue Catalogue, string? Name, string? Adapter, string? Labels, int? Width, int? Height, string? Licence, string? Source,
    IReadOnlyList<ScorePoint>? Scores)
{
    private static readonly string[] s_options = ["--data", "--name", "--adapter", "--labels", "--size", "--licence", "--source", "--scores"];

    /// <returns>Null when they make no sense; <paramref name="complaint"/> says why.</returns>
    internal static ModelsArguments? Parse(IReadOnlyList<string> args, out string? complaint)
    {
        var words = new List<string>();
        var options = new Dictionary<string, string>();
        complaint = null;
        for (int i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
                words.Add(args[i]);
            else if (s_options.Contains(args[i]) && i + 1 < args.Count)
                options[args[i]] = args[++i];
            else
                complaint = $"'{args[i]}' is not understood here, or its value is missing";
        }

        (int Width, int Height)? size = null;
        if (options.GetValueOrDefault("--size") is { } text && (size = Size(text)) is null)
            complaint = $"--size is '{text}'; expected pixels, as 640x640";
        IReadOnlyList<ScorePoint>? scores = null;
        if (options.GetValueOrDefault("--scores") is { } points && (scores = Points(points)) is null)
            complaint = $"--scores is '{points}'; expected pairs of the model's score and what it means, as 0.3=0.5,0.6=0.9";
        if (complaint is not null)
            return null;
        var settings = options.TryGetValue("--data", out var data) ? new Dictionary<string, string?> { ["VMS_DATA"] = data } : [];
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(settings).Build();
        return new ModelsArguments(
            [.. words], DetectorServices.CatalogueOf(configuration, PlaneOptions.From(configuration)), options.GetValueOrDefault("--name"), options.GetValueOrDefault("--adapter"),
            options.GetValueOrDefault("--labels"), size?.Width, size?.Height, options.GetValueOrDefault("--licence"), options.GetValueOrDefault("--source"), scores);
    }

    private static List<ScorePoint>? Points(string text)
    {
        var points = new List<ScorePoint>();
        foreach (string pair in text.Split(','))
        {
            if (pair.Split('=') is not [var model, var means]
                || !float.TryParse(model, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float from)
                || !float.TryParse(means, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float to))
                return null;
            points.Add(new ScorePoint(from, to));
        }

        return points;
    }

    private static (int Width, int Height)? Size(string text) =>
        text.Split('x') is [var width, var height]
        && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out int w) && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out int h)
            ? (w, h)
            : null;
}
