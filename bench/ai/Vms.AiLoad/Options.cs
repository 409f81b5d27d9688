using System.Globalization;

namespace Vms.AiLoad;

/// <param name="Seconds">Each run is measured for so long.</param>
/// <param name="Cameras">Of each run; null: as many as suit the scene.</param>
internal sealed record Options(int Seconds, IReadOnlyList<string> Scenes, IReadOnlyList<int> Heights, int? Cameras)
{
    internal static Options Parse(string[] args)
    {
        var options = new Options(30, ["quiet", "busy"], [360, 1080], null);
        for (int i = 0; i + 1 < args.Length; i += 2)
        {
            options = args[i] switch
            {
                "--seconds" => options with { Seconds = int.Parse(args[i + 1], CultureInfo.InvariantCulture) },
                "--scene" => options with { Scenes = [args[i + 1]] },
                "--height" => options with { Heights = [int.Parse(args[i + 1], CultureInfo.InvariantCulture)] },
                "--cameras" => options with { Cameras = int.Parse(args[i + 1], CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException($"{args[i]} is no option: --seconds --scene --height --cameras"),
            };
        }

        return options;
    }
}
