using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>Every failure leaves as a problem document with a stable code, never as a stack trace.</summary>
internal sealed partial class ApiErrors(ILogger<ApiErrors> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            return true;

        ProblemHttpResult problem;
        switch (exception)
        {
            case BadHttpRequestException { InnerException: JsonException json }:
                problem = JsonFailure.ToProblem(json);
                break;
            case BadHttpRequestException bad:
                problem = OfStatus(bad.StatusCode);
                break;
            case NpgsqlException or TimeoutException when DatabaseOutage.Is(exception):
                context.Response.Headers.RetryAfter = "2";
                problem = Problems.Of(StatusCodes.Status503ServiceUnavailable, "databaseUnavailable", "The database is not available",
                    "Live view and recording go on. Try again in a moment.");
                break;
            default:
                Log.Unexpected(logger, exception, context.Request.Method, context.Request.Path);
                problem = Problems.Of(StatusCodes.Status500InternalServerError, "internal", "Something went wrong here", "The log of vms-control says more.");
                break;
        }

        await problem.ExecuteAsync(context);
        return true;
    }

    /// <summary>Bodies for the statuses that routing and Kestrel answer without one.</summary>
    public static Task WriteStatusAsync(StatusCodeContext status) => OfStatus(status.HttpContext.Response.StatusCode).ExecuteAsync(status.HttpContext);

    private static ProblemHttpResult OfStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Problems.Of(status, "badRequest", "The request is not valid", "A required body or parameter is missing or has the wrong type."),
        StatusCodes.Status404NotFound => Problems.Of(status, "notFound", "There is nothing at this address"),
        StatusCodes.Status405MethodNotAllowed => Problems.Of(status, "methodNotAllowed", "This address does not know the method"),
        StatusCodes.Status413PayloadTooLarge => Problems.Of(status, "bodyTooLarge", "The body is too large", "At most 1 MiB is accepted."),
        StatusCodes.Status415UnsupportedMediaType => Problems.Of(status, "unsupportedMediaType", "The content type is not supported", "Send application/json."),
        _ => Problems.Of(status, "http" + status, "The request failed"),
    };

    private static partial class Log
    {
        [LoggerMessage(1030, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Unexpected(ILogger logger, Exception exception, string method, string path);
    }
}
