using Vms.Ai.Models;
using Vms.Ai.Models.Conversion;
using Vms.Testing;

namespace Vms.Ai.Tests;

/// <summary>A catalogue of one test's own, with the shipped detector converted once for all tests.</summary>
internal static class TestCatalogue
{
    private static readonly Lazy<byte[]> s_centerNet = new(() => TfjsConverter.Convert(TfjsModel.Load(NpmModels.CenterNet), ShippedModels.Detector.ConvertedOutputs!));

    internal static byte[] CenterNet => s_centerNet.Value;

    internal static ModelCatalogue With(TestDirectory directory, params ReadOnlySpan<(string Name, ModelManifest Manifest, byte[] Model)> models)
    {
        string shipped = directory.Create("shipped");
        foreach (var (name, manifest, model) in models)
            Put(shipped, name, manifest, model);
        return new ModelCatalogue(shipped, directory["own"]);
    }

    internal static (string Name, ModelManifest Manifest, byte[] Model) Detector => ("centernet", ManifestOf("centernet", 512, 512, CocoLabels.All, CenterNet), CenterNet);

    internal static ModelManifest ManifestOf(string adapter, int width, int height, IReadOnlyList<string> labels, byte[] model) =>
        new() { Adapter = adapter, Width = width, Height = height, Labels = labels, Sha256 = ModelCatalogue.HashOf(model) };

    internal static void Put(string parent, string name, ModelManifest manifest, byte[] model)
    {
        string folder = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, ModelCatalogue.ModelFile), model);
        File.WriteAllBytes(Path.Combine(folder, ModelManifest.FileName), manifest.ToJson());
    }
}
