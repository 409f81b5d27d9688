using System.ComponentModel.DataAnnotations;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;
using Vms.Hosting;

namespace Vms.Ai.Detectors;

/// <summary>Models and detectors of the plane, and their settings.</summary>
internal static class DetectorServices
{
    private const int MostWorkers = 64;

    /// <exception cref="ValidationException">A setting makes no sense; the message names it.</exception>
    internal static IServiceCollection AddDetectors(this IServiceCollection services, IConfiguration configuration, PlaneOptions options)
    {
        var pool = DetectorPoolOptions.Default with { Workers = Workers(configuration), Provider = Provider(configuration) };
        services.AddSingleton(CatalogueOf(configuration, options));
        services.AddSingleton<ModelCrashes>();
        services.AddSingleton(s => new DetectorPool(
            s.GetRequiredService<ModelCatalogue>(), pool, s.GetRequiredService<ModelCrashes>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<DetectorPool>>()));
        services.AddSingleton<ModelListing>();
        services.AddSingleton<PlateReader>();
        services.AddSingleton<FaceDetector>();
        services.AddSingleton<DetectorMetrics>();
        return services;
    }

    /// <summary>VMS_MODELS: the shipped models, beside the program; the operator's are in the data directory.</summary>
    internal static ModelCatalogue CatalogueOf(IConfiguration configuration, PlaneOptions options) => new(
        PlaneOptions.Setting(configuration, "VMS_MODELS") is { } folder ? Path.GetFullPath(folder) : Path.Combine(AppContext.BaseDirectory, "models"),
        Path.Combine(options.DataDirectory, "models"));

    /// <summary>VMS_AI_WORKERS: pictures of one model that are looked at at a time, each on one processor.</summary>
    private static int Workers(IConfiguration configuration)
    {
        if (PlaneOptions.Setting(configuration, "VMS_AI_WORKERS") is not { } text)
            return DetectorPoolOptions.Default.Workers;
        return int.TryParse(text, out int workers) && workers is >= 1 and <= MostWorkers
            ? workers
            : throw new ValidationException($"VMS_AI_WORKERS is '{text}'; expected a number from 1 to {MostWorkers}");
    }

    /// <summary>VMS_AI_PROVIDER: on what models run.</summary>
    internal static OnnxProvider? Provider(IConfiguration configuration) => PlaneOptions.Setting(configuration, "VMS_AI_PROVIDER") switch
    {
        null or "auto" => null,
        "cpu" => OnnxProvider.Cpu,
        "cuda" => OnnxProvider.Cuda,
        "tensorrt" => OnnxProvider.TensorRt,
        var text => throw new ValidationException($"VMS_AI_PROVIDER is '{text}'; expected auto, cpu, cuda or tensorrt"),
    };
}
