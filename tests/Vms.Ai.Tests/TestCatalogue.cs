using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Vms.Ai.Crashes;
using Vms.Ai.Detectors;
using Vms.Ai.Models;
using Vms.Ai.Models.Conversion;
using Vms.Hosting;
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

    internal static DetectorPool Pool(ModelCatalogue catalogue, DetectorPoolOptions? options = null, TimeProvider? time = null) =>
        new(catalogue, options ?? DetectorPoolOptions.Default, Crashes(catalogue), time ?? TimeProvider.System, NullLogger<DetectorPool>.Instance);

    /// <summary>Each time a book of its own: nothing has crashed.</summary>
    internal static ModelCrashes Crashes(ModelCatalogue catalogue) =>
        new(OptionsOf($"{catalogue.OwnFolder}-{Guid.NewGuid():n}"), new Suspects(), TimeProvider.System, NullLogger<ModelCrashes>.Instance);

    internal static PlaneOptions OptionsOf(string dataDirectory) =>
        PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["VMS_DATA"] = dataDirectory }).Build());

    internal static void Put(string parent, string name, ModelManifest manifest, byte[] model)
    {
        string folder = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
        File.WriteAllBytes(Path.Combine(folder, ModelCatalogue.ModelFile), model);
        File.WriteAllBytes(Path.Combine(folder, ModelManifest.FileName), manifest.ToJson());
    }
}
