using Microsoft.Extensions.DependencyInjection.Extensions;
using Vms.Contracts.Media;
using Vms.Hosting.Transcoding;
using Vms.Rpc;

namespace Vms.Media.Conversion;

/// <summary>Conversion as other files of the plane need to call it, and PrepareConversion of contracts/media.proto.</summary>
internal static class ConversionEndpoints
{
    /// <summary>Needs <see cref="Streams.StreamRegistry"/> and the stream logs among the services.</summary>
    public static IServiceCollection AddConversions(this IServiceCollection services)
    {
        services.TryAddSingleton(new ConversionOptions());
        services.AddSingleton<TranscodeSlots>();
        services.AddSingleton<Transcoders>();
        services.AddSingleton<ConversionResources>();
        return services.AddSingleton<Conversions>().AddHostedService(s => s.GetRequiredService<Conversions>());
    }

    public static void MapConversions(this WebApplication app)
    {
        var conversions = app.Services.GetRequiredService<Conversions>();
        app.MapUnary("vms.media.v1.MediaPlane/PrepareConversion", PrepareConversionRequest.Parser, async (request, context) =>
            new PreparedConversion { Stream = await conversions.PrepareAsync(request.CameraId, request.Stream, context.CancellationToken) });
    }
}
