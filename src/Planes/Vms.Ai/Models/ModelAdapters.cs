using Vms.Ai.Models.CenterNet;

namespace Vms.Ai.Models;

/// <summary>The families of models that are understood: for each, how pictures go in and how boxes come out.</summary>
internal static class ModelAdapters
{
    internal const string CenterNet = "centernet";

    /// <summary>Text in pictures: not for objects.</summary>
    internal const string TextFinder = "text-finder";
    internal const string TextReader = "text-reader";
    internal const string Faces = "blazeface";

    /// <summary>Of a reader: the largest alphabets have some 20,000.</summary>
    internal const int MostCharacters = 32_768;

    private static readonly IObjectHead s_centerNet = new CenterNetHead();

    internal static IReadOnlyList<string> Names { get; } = [CenterNet, TextFinder, TextReader, Faces];

    internal static bool FindsObjects(string adapter) => adapter is not (TextFinder or TextReader or Faces);

    /// <exception cref="ModelException">It finds no objects.</exception>
    internal static IObjectHead HeadOf(string adapter) => adapter switch
    {
        CenterNet => s_centerNet,
        _ => throw new ModelException($"'{adapter}' is no detector of objects"),
    };

    internal static ModelInput InputOf(string adapter, int width, int height) => adapter switch
    {
        CenterNet => new ModelInput(width, height, PlanesFirst: true, RedFirst: true, KeepShape: false, 0, default, ModelInput.All(1)),
        _ => throw new ModelException($"'{adapter}' is no detector of objects"),
    };
}
