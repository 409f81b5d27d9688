using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Npgsql;
using Vms.Control.Data;
using Vms.Hosting;

namespace Vms.Control.FrontDoor;

/// <summary>A thing whose answers say which version of it they show.</summary>
internal interface IVersioned
{
    /// <summary>Another after every change that somebody asked for: what the <c>ETag</c> has between its quotes. Letters and digits.</summary>
    string Version { get; }
}

/// <summary>Endpoint metadata: the change takes an <c>If-Match</c>.</summary>
internal sealed record ChecksVersion;

/// <summary>Endpoint metadata: answers that show one thing have an <c>ETag</c>.</summary>
internal sealed record TellsVersion;

/// <summary><c>ETag</c> in answers about one thing, <c>If-Match</c> in changes to it. The tag is of what can be changed, not of what is observed:
/// a camera that goes offline keeps its own.</summary>
internal static class ItemVersion
{
    /// <summary>Nobody is to find another content with the same tag by chance.</summary>
    private const int HashBytes = 12;

    /// <summary>Answers of the endpoint, or of all of the group, that show one thing say its version.</summary>
    public static TBuilder TellsVersion<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new TellsVersion()).AddEndpointFilter(TellAsync);

    /// <summary>The endpoint's handler calls <see cref="Check"/> or <see cref="CheckAsync"/>, with the thing locked.</summary>
    public static RouteHandlerBuilder ChecksVersion(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new ChecksVersion()).ProducesProblem(StatusCodes.Status412PreconditionFailed);

    public static string Of(DateTimeOffset updatedAt) =>
        ((updatedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture);

    /// <summary>Of a thing that is changed in several places and has no number: it follows from what can be changed of it. What is the same again has the same one.</summary>
    public static string OfContent(params object?[] changeable) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(changeable, JsonSerializerOptions.Web)).AsSpan(0, HashBytes));

    /// <returns>Null where the client names this version, any, or none at all.</returns>
    public static ProblemHttpResult? Check(HttpContext context, string version)
    {
        var asked = context.Request.Headers.IfMatch;
        if (asked.Count == 0)
            return null;
        if (!EntityTagHeaderValue.TryParseStrictList([.. asked.OfType<string>()], out var tags))
            return Problems.Fields(new FieldProblem(HeaderNames.IfMatch, "invalidValue", "Use the ETag of an answer"));
        return tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || (!tag.IsWeak && tag.Tag == Quoted(version)))
            ? null
            : Problems.Of(StatusCodes.Status412PreconditionFailed, "changedMeanwhile", "It was changed meanwhile", "Read it again and apply the change to what it is now.");
    }

    /// <param name="lockedUpdatedAt">A query for the time of the last change of the thing with id $1, that locks it.</param>
    /// <returns>Null also where there is no such thing: the change says so.</returns>
    public static async Task<ProblemHttpResult?> CheckAsync(
        HttpContext context, NpgsqlConnection connection, string lockedUpdatedAt, Guid id, CancellationToken cancellationToken)
    {
        if (context.Request.Headers.IfMatch.Count == 0)
            return null;
        await using var command = connection.Command(lockedUpdatedAt, id);
        var versions = await command.RowsAsync(row => Of(row.Time(0)), cancellationToken);
        return versions is [var version] ? Check(context, version) : null;
    }

    private static async ValueTask<object?> TellAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var result = await next(invocation);
        var answer = result is INestedHttpResult nested ? nested.Result : result;
        if (answer is IValueHttpResult { Value: IVersioned shown })
            invocation.HttpContext.Response.Headers.ETag = Quoted(shown.Version);
        return result;
    }

    private static string Quoted(string version) => $"\"{version}\"";
}
