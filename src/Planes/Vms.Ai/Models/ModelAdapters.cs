using Vms.Ai.Models.CenterNet;
using Vms.Ai.Models.Faces;
using Vms.Ai.Models.FastestDet;
using Vms.Ai.Models.Yolo;

namespace Vms.Ai.Models;

/// <summary>The families of models that are understood: for each, how pictures go in and how boxes come out.</summary>
internal static class ModelAdapters
{
    internal const string CenterNet = "centernet";
    internal const string Yolox = "yolox";
    internal const string Yolo = "yolo";
    internal const string FastestDet = "fastestdet";
    internal const string BlazeFace = "blazeface";

    /// <summary>Where text is and what it says: no choice of the operator's.</summary>
    internal const string TextFinder = "text-finder";
    internal const string TextReader = "text-reader";

    /// <summary>Of a reader: the largest alphabets have some 20,000.</summary>
    internal const int MostCharacters = 32_768;

    /// <summary>What lies around a picture that keeps its shape, in training as here.</summary>
    private const byte Grey = 114;

    private static readonly IObjectHead
        s_centerNet = new CenterNetHead(), s_yolox = new YoloxHead(), s_yolo = new YoloHead(), s_fastestDet = new FastestDetHead(), s_blazeFace = new BlazeFaceHead();

    /// <summary>Of detectors of objects.</summary>
    internal static IReadOnlyList<string> Objects { get; } = [CenterNet, Yolox, Yolo, FastestDet, BlazeFace];

    internal static IReadOnlyList<string> Names { get; } = [.. Objects, TextFinder, TextReader];

    internal static bool FindsObjects(string adapter) => Objects.Contains(adapter);

    /// <summary>The input's side that most models of the family have.</summary>
    internal static int UsualSide(string adapter) => adapter switch
    {
        CenterNet => 512,
        Yolox => 416,
        FastestDet => 352,
        BlazeFace => 256,
        _ => 640,
    };

    /// <exception cref="ModelException">It finds no objects.</exception>
    internal static IObjectHead HeadOf(string adapter) => adapter switch
    {
        CenterNet => s_centerNet,
        Yolox => s_yolox,
        Yolo => s_yolo,
        FastestDet => s_fastestDet,
        BlazeFace => s_blazeFace,
        _ => throw NoDetector(adapter),
    };

    /// <exception cref="ModelException">It finds no objects.</exception>
    internal static ModelInput InputOf(string adapter, int width, int height) => adapter switch
    {
        CenterNet => new ModelInput(width, height, PlanesFirst: true, RedFirst: true, KeepShape: false, 0, default, ModelInput.All(1)),
        Yolox => new ModelInput(width, height, PlanesFirst: true, RedFirst: false, KeepShape: true, Grey, default, ModelInput.All(1)),
        Yolo => new ModelInput(width, height, PlanesFirst: true, RedFirst: true, KeepShape: true, Grey, default, ModelInput.All(1 / 255f)),
        FastestDet => new ModelInput(width, height, PlanesFirst: true, RedFirst: false, KeepShape: false, 0, default, ModelInput.All(1 / 255f)),
        BlazeFace => new ModelInput(width, height, PlanesFirst: false, RedFirst: true, KeepShape: true, 0, ModelInput.All(127.5f), ModelInput.All(1 / 127.5f)),
        _ => throw NoDetector(adapter),
    };

    private static ModelException NoDetector(string adapter) => new($"'{adapter}' is no detector of objects; expected one of {string.Join(", ", Objects)}");
}
