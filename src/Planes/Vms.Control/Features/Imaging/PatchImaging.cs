using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Features.Device;
using Vms.Hosting;
using Vms.Onvif.Imaging;

namespace Vms.Control.Features.Imaging;

/// <summary>PATCH /api/cameras/{id}/imaging: sets what is there, if the device takes all of it.</summary>
internal static class PatchImaging
{
    /// <param name="On">Absent: as it is.</param>
    /// <param name="Level">Within what GET tells.</param>
    public sealed record WideDynamicRangeRequest(bool? On, double? Level);

    /// <param name="Mode">auto or manual.</param>
    public sealed record FocusRequest(string? Mode);

    /// <summary>What is absent stays. Numbers are the device's own, within what GET tells.</summary>
    /// <param name="IrCut">on, off or auto.</param>
    public sealed record Request(
        double? Brightness, double? Contrast, double? Saturation, double? Sharpness, string? IrCut, WideDynamicRangeRequest? WideDynamicRange, bool? BacklightCompensation, FocusRequest? Focus);

    public static void Map(RouteGroupBuilder imaging) =>
        imaging.MapPatch("/", Handle).WithName(nameof(PatchImaging)).WithSummary("Set the camera's picture: what is absent stays.").Needs(Permissions.ImagingWrite, Scope.Camera)
            .ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    private static async Task<Results<Ok<ImagingView>, ProblemHttpResult>> Handle(
        Request request, string id, HttpContext context, CameraDevices devices, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        var wanted = SettingsOf(request, problems);
        if (problems.Count > 0)
            return Problems.Fields(problems);

        var (link, fault) = await devices.OpenAsync(id, cancellationToken);
        using (link)
        {
            if (link is null)
                return fault!.ToProblem(DeviceFeature.Imaging);
            (var sensor, fault) = await ImagingSensor.OfAsync(link, cancellationToken);
            if (sensor is null)
                return fault!.ToProblem(DeviceFeature.Imaging);
            if (sensor.Options.Refuses(wanted) is { Count: > 0 } refused)
                return Problems.Fields([.. refused.Select(name => RefusalOf(name, sensor.Options))]);

            var order = new DeviceOrder(database, time, Actor.Of(context), "imaging.changed", id, Detail(request));
            if (await order.SendAsync(sensor.Link, wanted.Set(sensor.Source), cancellationToken) is { } failed)
                return failed.ToProblem(DeviceFeature.Imaging);

            var settings = await sensor.ReadAsync(cancellationToken);
            return settings.IsSuccess ? TypedResults.Ok(ImagingView.Of(settings.Value, sensor.Options)) : DeviceFault.Of(settings.Failure).ToProblem(DeviceFeature.Imaging);
        }
    }

    private static ImagingSettings SettingsOf(Request request, List<FieldProblem> problems)
    {
        IrCutFilter? filter = request.IrCut switch { "on" => IrCutFilter.On, "off" => IrCutFilter.Off, "auto" => IrCutFilter.Auto, _ => null };
        if (request.IrCut is not null && filter is null)
            problems.Add(new FieldProblem("irCut", "invalidValue", "Use on, off or auto"));
        bool? auto = request.Focus?.Mode switch { "auto" => true, "manual" => false, _ => null };
        if (request.Focus is not null && auto is null)
            problems.Add(new FieldProblem("focus.mode", "invalidValue", "Use auto or manual"));
        if (request.WideDynamicRange is { On: false, Level: not null })
            problems.Add(new FieldProblem("wideDynamicRange.level", "invalidValue", "What is off has no strength"));
        var wanted = new ImagingSettings(
            request.Brightness, request.Contrast, request.Saturation, request.Sharpness, filter, request.WideDynamicRange?.On, request.WideDynamicRange?.Level,
            request.BacklightCompensation, auto);
        if (problems.Count == 0 && wanted == ImagingSettings.None)
            problems.Add(new FieldProblem("$", "required", "Nothing is to be set"));
        return wanted;
    }

    private static FieldProblem RefusalOf(string name, ImagingOptions options)
    {
        var (field, range) = name switch
        {
            nameof(ImagingSettings.Brightness) => ("brightness", options.Brightness),
            nameof(ImagingSettings.Contrast) => ("contrast", options.Contrast),
            nameof(ImagingSettings.Saturation) => ("saturation", options.Saturation),
            nameof(ImagingSettings.Sharpness) => ("sharpness", options.Sharpness),
            nameof(ImagingSettings.WideDynamicRangeLevel) => ("wideDynamicRange.level", options.WideDynamicRangeLevel),
            nameof(ImagingSettings.WideDynamicRange) => ("wideDynamicRange.on", (ImagingRange?)null),
            nameof(ImagingSettings.IrCutFilter) => ("irCut", null),
            nameof(ImagingSettings.AutoFocus) => ("focus.mode", null),
            _ => ("backlightCompensation", null),
        };
        if (range is { } within)
            return new FieldProblem(field, "outOfRange", $"Use {within.Min:0.##} to {within.Max:0.##}");
        return field == "irCut" && options.IrCutFilters.Count > 0
            ? new FieldProblem(field, "notSupported", $"The camera takes {string.Join(", ", options.IrCutFilters.Select(ImagingView.NameOf))}")
            : new FieldProblem(field, "notSupported", "The camera has no such thing");
    }

    /// <summary>What was decided, by the names of the fields.</summary>
    private static Dictionary<string, object> Detail(Request request)
    {
        var detail = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in ((string, object?)[])
        [
            ("brightness", request.Brightness), ("contrast", request.Contrast), ("saturation", request.Saturation), ("sharpness", request.Sharpness), ("irCut", request.IrCut),
            ("wideDynamicRange", request.WideDynamicRange), ("backlightCompensation", request.BacklightCompensation), ("focus", request.Focus?.Mode),
        ])
        {
            if (value is not null)
                detail.Add(name, value);
        }

        return detail;
    }
}
