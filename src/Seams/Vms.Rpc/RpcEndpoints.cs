using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Vms.Rpc.Wire;

namespace Vms.Rpc;

/// <summary>
/// Maps gRPC methods onto Kestrel's endpoints. A handler throws <see cref="RpcException"/> to answer with a status; any
/// other exception is logged and answered as INTERNAL without its text. Methods nobody mapped answer UNIMPLEMENTED.
/// </summary>
public static class RpcEndpoints
{
    // One catch-all per application, added with its first method.
    private static readonly ConditionalWeakTable<IEndpointRouteBuilder, object> s_withFallback = [];

    /// <param name="endpoints">The application.</param>
    /// <param name="method">"package.Service/Method".</param>
    /// <param name="parser">Parser of the request message.</param>
    /// <param name="handler">Runs once per call; calls run concurrently.</param>
    public static IEndpointConventionBuilder MapUnary<TRequest, TReply>(
        this IEndpointRouteBuilder endpoints, string method, MessageParser<TRequest> parser, Func<TRequest, RpcContext, Task<TReply>> handler)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        endpoints.MapCall(method, async call =>
            await call.SendAsync(await handler(await call.ReadOnlyAsync(parser), call.Context)));

    /// <inheritdoc cref="MapUnary"/>
    public static IEndpointConventionBuilder MapServerStreaming<TRequest, TReply>(
        this IEndpointRouteBuilder endpoints, string method, MessageParser<TRequest> parser,
        Func<TRequest, RpcContext, IAsyncEnumerable<TReply>> handler)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        endpoints.MapCall(method, async call =>
            await call.SendAllAsync(handler(await call.ReadOnlyAsync(parser), call.Context)));

    /// <inheritdoc cref="MapUnary"/>
    public static IEndpointConventionBuilder MapClientStreaming<TRequest, TReply>(
        this IEndpointRouteBuilder endpoints, string method, MessageParser<TRequest> parser,
        Func<IAsyncEnumerable<TRequest>, RpcContext, Task<TReply>> handler)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        endpoints.MapCall(method, async call =>
            await call.SendAsync(await handler(call.ReadAllAsync(parser), call.Context)));

    /// <inheritdoc cref="MapUnary"/>
    public static IEndpointConventionBuilder MapDuplex<TRequest, TReply>(
        this IEndpointRouteBuilder endpoints, string method, MessageParser<TRequest> parser,
        Func<IAsyncEnumerable<TRequest>, RpcContext, IAsyncEnumerable<TReply>> handler)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        endpoints.MapCall(method, async call =>
        {
            await call.StartAsync();   // both sides may wait for the other's first message: headers go out now
            await call.SendAllAsync(handler(call.ReadAllAsync(parser), call.Context));
        });

    private static IEndpointConventionBuilder MapCall(this IEndpointRouteBuilder endpoints, string method, Func<RpcServerCall, Task> serve)
    {
        if (method.Count(c => c == '/') != 1 || method.StartsWith('/') || method.EndsWith('/'))
            throw new ArgumentException($"A method is written 'package.Service/Method', not '{method}'.", nameof(method));

        if (s_withFallback.TryAdd(endpoints, endpoints)) MapUnknownMethods(endpoints);
        return endpoints.MapPost("/" + method, http => RpcServerCall.RunAsync(http, method, serve)).WithDisplayName("rpc " + method);
    }

    private static void MapUnknownMethods(IEndpointRouteBuilder endpoints)
    {
        var pattern = RoutePatternFactory.Parse(
            "/{service}/{method}", defaults: null, parameterPolicies: new RouteValueDictionary { ["service"] = new OnlyGrpc() });
        endpoints.Map(pattern, http => RpcServerCall.RunAsync(http, http.Request.Path.Value![1..], call =>
                throw new RpcException(RpcStatus.Unimplemented, $"Method '{call.Context.Method}' is not served here.")))
            .WithDisplayName("rpc unknown method")
            .Add(endpoint => ((RouteEndpointBuilder)endpoint).Order = int.MaxValue);
    }

    /// <summary>Keeps the catch-all away from requests that are not gRPC: they go on to a 404.</summary>
    private sealed class OnlyGrpc : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null && GrpcHeaders.IsGrpc(httpContext.Request.ContentType);
    }
}
