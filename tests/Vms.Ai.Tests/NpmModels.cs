using Vms.Testing;

namespace Vms.Ai.Tests;

/// <summary>The packages that ./dev setup takes the shipped models from.</summary>
internal static class NpmModels
{
    internal static string Folder { get; } = Path.Combine(TestPaths.Repository, "models", "node_modules");

    internal static string CenterNet { get; } = Path.Combine(Folder, "@vladmandic", "human", "models", "centernet.json");
}
